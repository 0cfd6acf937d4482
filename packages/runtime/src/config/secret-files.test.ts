import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { databaseUrlSetting } from './common-settings.ts'
import { defineConfig } from './define-config.ts'
import { configHelp } from './document-config.ts'
import { loadConfig } from './load-config.ts'
import { setting } from './setting.ts'

const directory = mkdtempSync(join(tmpdir(), 'secret-files-'))
afterAll(() => rmSync(directory, { recursive: true }))
function fileOf(content: string | Buffer): string {
  const path = join(directory, `secret-${Math.random()}`)
  writeFileSync(path, content)
  return path
}

const TOKEN = 'token-of-a-test-case'
const URL_OF_DATABASE = 'postgres://user:wo%25rd@host/shop'
const definition = defineConfig({
  app: 'example',
  summary: 'an example',
  settings: {
    adminToken: setting.secret({ description: 'Operator token' }),
    databaseUrl: databaseUrlSetting,
    level: setting.text({ description: 'No secret', default: 'none' }),
  },
})
const rest = { DATABASE_URL: URL_OF_DATABASE }
function load(env: Readonly<Record<string, string>>, { argv = [] as string[], envFile = '' } = {}) {
  return loadConfig(definition, { argv, env, envFile })
}

it.each(['', '\n', '\r\n'])('a secret and a URL with a password come from files, without the line break %j', (end) => {
  const env = { ADMIN_TOKEN_FILE: fileOf(`${TOKEN}${end}`), DATABASE_URL_FILE: fileOf(`${URL_OF_DATABASE}${end}`) }
  const config = { adminToken: TOKEN, databaseUrl: URL_OF_DATABASE, level: 'none' }
  expect(load(env)).toEqual({ kind: 'config', config })
})

it('a byte order mark before a secret is no part of it', () => {
  expect(load({ ...rest, ADMIN_TOKEN_FILE: fileOf(`\u{feff}${TOKEN}\r\n`) })).toMatchObject({
    config: { adminToken: TOKEN },
  })
})

it('the file may be named in .env, and an empty name counts as unset', () => {
  const envFile = `ADMIN_TOKEN_FILE=${fileOf(TOKEN)}`
  expect(load(rest, { envFile })).toMatchObject({ kind: 'config', config: { adminToken: TOKEN } })
  expect(load({ ...rest, ADMIN_TOKEN: TOKEN, ADMIN_TOKEN_FILE: '' })).toMatchObject({ kind: 'config' })
})

it.each([
  ['a missing file', () => '/nowhere/at-all', 'does not exist'],
  ['a directory', () => directory, 'is a directory'],
  ['an empty file', () => fileOf(''), 'is empty'],
  ['a text in another encoding', () => fileOf(Buffer.from('schl\u00fcssel-of-a-test-case', 'latin1')), 'not in UTF-8'],
  ['a line break alone', () => fileOf('\n'), 'is empty'],
  ['a large file', () => fileOf('x'.repeat(65_537)), 'larger than 65536 bytes'],
  ['a device without an end', () => '/dev/zero', 'larger than 65536 bytes'],
])('%s is rejected in words that contain neither path nor content', (_, path, words) => {
  const name = path()
  const loaded = load({ ...rest, ADMIN_TOKEN_FILE: name })
  const problems = loaded.kind === 'invalid' ? loaded.problems : []
  expect(problems).toEqual([`ADMIN_TOKEN_FILE names a file that ${problems[0]?.split(' that ')[1]}`])
  expect(problems[0]).toContain(words)
  expect(problems[0]).not.toContain(name)
})

it('a secret that is set twice is rejected, wherever its value comes from', () => {
  const env = { ...rest, ADMIN_TOKEN_FILE: fileOf(TOKEN) }
  const both = { kind: 'invalid', problems: ['ADMIN_TOKEN and ADMIN_TOKEN_FILE are both set: remove one of them'] }
  expect(load({ ...env, ADMIN_TOKEN: TOKEN })).toEqual(both)
  expect(load(env, { argv: ['--admin-token', TOKEN] })).toEqual(both)
  expect(load(env, { envFile: `ADMIN_TOKEN=${TOKEN}` })).toEqual(both)
})

it('a value of a file is validated like any other, and all problems come at once', () => {
  const loaded = load({ ADMIN_TOKEN_FILE: fileOf('short'), DATABASE_URL_FILE: '/nowhere/at-all' })
  const problems = loaded.kind === 'invalid' ? loaded.problems.join('\n') : ''
  expect(problems).toMatch(/DATABASE_URL_FILE[\s\S]*ADMIN_TOKEN/)
  expect(problems).not.toContain('short')
})

it('a setting that is no secret has no file', () => {
  expect(load({ ...rest, ADMIN_TOKEN: TOKEN, LEVEL_FILE: fileOf('debug') })).toMatchObject({
    config: { level: 'none' },
  })
  expect(configHelp(definition)).toContain('ADMIN_TOKEN or ADMIN_TOKEN_FILE')
  expect(configHelp(definition)).not.toContain('LEVEL_FILE')
})
