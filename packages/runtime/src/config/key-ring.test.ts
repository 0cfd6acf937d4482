import { expect, test } from 'vitest'
import { defineConfig } from './define-config.ts'
import { configEnvExample, describeSettings } from './document-config.ts'
import { loadConfig } from './load-config.ts'
import { setting } from './setting.ts'

const definition = defineConfig({
  app: 'example',
  summary: 'an example',
  settings: { emailKey: setting.keyRing({ description: 'Keys' }) },
})
const key = (fill: number) => Buffer.alloc(32, fill).toString('base64url')
const load = (value: string) => loadConfig(definition, { argv: [], env: { EMAIL_KEY: value } })
const ringOf = (value: string) => {
  const loaded = load(value)
  if (loaded.kind !== 'config') throw new Error(JSON.stringify(loaded))
  return loaded.config.emailKey
}

test('one key is a ring of one; several keys keep their order', () => {
  expect(ringOf(key(1))).toHaveLength(1)
  expect(ringOf(`${key(1)}, ${key(2)}`).map((each) => each.bytes[0])).toEqual([1, 2])
})

test('a running app shows the ids of its keys, by which rings can be compared, and no key', () => {
  const emailKey = ringOf(`${key(1)},${key(2)}`)
  const { EMAIL_KEY: shown } = describeSettings(definition, { emailKey })
  expect(shown).toBe(emailKey.map(({ kid }) => kid).join(','))
  for (const fill of [1, 2]) expect(shown).not.toContain(key(fill))
})

test('a key has the same name in any position, and a different name from every other key', () => {
  const [first, second] = ringOf(`${key(1)},${key(2)}`)
  const [newFirst, newSecond] = ringOf(`${key(2)},${key(1)}`)
  expect(newSecond?.kid).toBe(first.kid)
  expect(newFirst.kid).toBe(second?.kid)
  expect(first.kid).not.toBe(second?.kid)
  expect(key(1)).not.toContain(first.kid)
})

test.each([
  ['31 bytes', Buffer.alloc(31, 1).toString('base64url')],
  ['a second key of 33 bytes', `${key(1)},${Buffer.alloc(33, 2).toString('base64url')}`],
  ['an empty entry', `${key(1)},`],
  ['other characters', `${key(1).slice(0, -1)}!`],
  ['the same key twice', `${key(1)},${key(2)},${key(1)}`],
  ['17 keys', Array.from({ length: 17 }, (_, index) => key(index)).join(',')],
])('%s is rejected at start, without its value', (_, value) => {
  const loaded = load(value)
  expect(loaded).toMatchObject({ kind: 'invalid', problems: [expect.stringContaining('EMAIL_KEY must')] })
  expect(JSON.stringify(loaded)).not.toContain(value.slice(0, 40))
})

test('it is documented as a required secret', () => {
  expect(configEnvExample(definition)).toContain('# Keys (secret)\nEMAIL_KEY=')
})
