import { CompactEncrypt } from 'jose'
import { expect, test } from 'vitest'
import { createOpenEmail } from './open-email.ts'

const ringKey = (fill: number) => ({ kid: `key-${fill}`, bytes: Buffer.alloc(32, fill) })
const seal = (text: string, key: ReturnType<typeof ringKey>, header: object = { kid: key.kid }) =>
  new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', ...header })
    .encrypt(key.bytes)
const [oldKey, newKey, unknownKey] = [ringKey(1), ringKey(2), ringKey(3)]
const open = createOpenEmail([newKey, oldKey])
const opened = { kind: 'opened', address: 'a@example.org' }

test('every key of the ring opens what it sealed, with and without a name', async () => {
  for (const key of [oldKey, newKey]) {
    expect(await open(await seal('a@example.org', key))).toEqual(opened)
    expect(await open(await seal('a@example.org', key, {}))).toEqual(opened)
  }
})

test('an address sealed with a key outside the ring waits for that key', async () => {
  expect(await open(await seal('a@example.org', unknownKey))).toEqual({ kind: 'key-missing' })
  expect(await open(await seal('a@example.org', unknownKey, {}))).toEqual({ kind: 'key-missing' })
})

test('an address that no key can open is broken', async () => {
  const sealed = await seal('a@example.org', newKey)
  for (const broken of [
    'not.a.jwe',
    '',
    '....',
    `${sealed}x`.replace(/\.([^.]+)$/, '.AAAAAAAAAAAAAAAAAAAAAA'),
    await seal('no address', newKey),
    await seal('a@example.org', newKey, { kid: 7 }),
    sealed.slice(0, sealed.lastIndexOf('.')),
  ])
    expect(await open(broken)).toEqual({ kind: 'broken' })
})
