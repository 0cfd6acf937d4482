import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { databaseUrlSetting } from './common-settings.ts'
import { urlsOfHosts } from './database-url.ts'

const HERE = encodeURIComponent(fileURLToPath(import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'database-url-'))
afterAll(() => rmSync(directory, { recursive: true }))
const AUTHORITIES = join(directory, 'authorities.pem')
writeFileSync(AUTHORITIES, rootCertificates.slice(0, 2).join('\n'))

const problemsOf = (url: string) => databaseUrlSetting.safeParse(url).error?.issues.map(({ message }) => message)

it.each([
  'postgres://user:word@a:5432,b:5433/shop',
  'postgres://user:word@a,[::1]:5433/shop?target_session_attrs=read-write',
  'postgresql://a,b,c/shop?target_session_attrs=primary&sslmode=verify-full',
  'postgres://host/shop?sslmode=disable',
  'postgres://host/shop?sslmode=require',
  `postgres://host/shop?sslmode=verify-ca&sslrootcert=${AUTHORITIES}`,
  `postgres://host/shop?sslmode=verify-full&sslcert=${HERE}&sslkey=${HERE}`,
])('%s is a database, taken unchanged', (url) => {
  expect(databaseUrlSetting.parse(url)).toBe(url)
})

it.each([
  ['postgres://user:word@a,,b/shop', 'begins with'],
  ['postgres://user:word@a,b:0/shop', 'port 0'],
  ['postgres://user:wo%rd@a,b/shop', '%25'],
  ['postgres://user:word@a,b:port/shop', 'begins with'],
  ['postgres://user:word@host/shop?sslmode=prefer', 'sslmode'],
  ['postgres://user:word@host/shop?sslmode=allow', 'sslmode'],
  ['postgres://user:word@host/shop?sslmode=', 'sslmode'],
  ['postgres://user:word@host/shop?target_session_attrs=any', 'read-write'],
  ['postgres://user:word@host/shop?target_session_attrs=standby', 'read-write'],
  ['postgres://user:word@host/shop?sslmode=verify-ca', 'sslrootcert'],
  [`postgres://user:word@host/shop?sslrootcert=${HERE}`, 'sslmode'],
  [`postgres://user:word@host/shop?sslmode=disable&sslrootcert=${HERE}`, 'sslmode'],
  [`postgres://user:word@host/shop?sslmode=verify-full&sslkey=${HERE}`, 'both'],
  ['postgres://user:word@host/shop?sslmode=verify-full&sslrootcert=/nowhere/ca.pem', 'readable file'],
  [`postgres://user:word@host/shop?sslmode=verify-full&sslrootcert=${HERE}`, 'certificates in PEM'],
])('%s can never work, and is rejected with the reason and without the value', (url, reason) => {
  const problems = problemsOf(url)
  expect(problems).toEqual([expect.stringContaining(reason)])
  expect(problems?.join()).not.toMatch(/user|word|nowhere/)
})

it('a URL of several hosts is one URL for each, with the same credentials and parameters', () => {
  expect(urlsOfHosts('postgres://u:p%40w@a:1,b:2/shop?x=1')).toEqual([
    'postgres://u:p%40w@a:1/shop?x=1',
    'postgres://u:p%40w@b:2/shop?x=1',
  ])
  for (const url of ['postgres://u@a:1/shop?x=a,b', 'postgres:///shop', 'postgres://%2Frun/shop'])
    expect(urlsOfHosts(url)).toEqual([url])
})
