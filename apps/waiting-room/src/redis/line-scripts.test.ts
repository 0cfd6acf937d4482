import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const SOURCES = new URL('../', import.meta.url)
const scripts = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.lua'))
  .map((path) => ({ path, lua: readFileSync(new URL(path, SOURCES), 'utf8') }))
  .filter(({ lua }) => lua.includes('unpack(KEYS)'))

const namesIn = (text: string | undefined) => text?.split(/,\s*/)

it('finds scripts with keys', () => expect(scripts.length).toBeGreaterThan(10))

it.each(scripts)('the contract of $path names its keys as the script unpacks them', ({ lua }) => {
  const said = namesIn(/^-- KEYS {2}(.+)$/m.exec(lua)?.[1])
  expect(said).toEqual(namesIn(/^local ([\w, ]+) =\s*unpack\(KEYS\)/m.exec(lua)?.[1]))
})
