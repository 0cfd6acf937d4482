import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { connectionTargets } from './connection-target.ts'

const here = fileURLToPath(import.meta.url)

it('every host has its own target, with the same database and credentials', () => {
  const url = 'postgres://user:p%25w@a:5433,[::1]/shop?target_session_attrs=read-write&application_name=x'
  expect(connectionTargets(url)).toMatchObject([
    { host: 'a', port: 5433, user: 'user', password: 'p%w', database: 'shop', application_name: 'x' },
    { host: '::1', user: 'user', password: 'p%w', database: 'shop' },
  ])
  expect(connectionTargets(url)[0]).not.toHaveProperty('target_session_attrs')
})

it.each([
  ['', undefined],
  ['?sslmode=disable', false],
  ['?sslmode=require', { rejectUnauthorized: false }],
  [`?sslmode=verify-ca&sslrootcert=${here}`, { ca: expect.any(String), checkServerIdentity: expect.any(Function) }],
  [`?sslmode=verify-full&sslrootcert=${here}`, { ca: expect.any(String) }],
  [`?sslmode=verify-full&sslcert=${here}&sslkey=${here}`, { cert: expect.any(String), key: expect.any(String) }],
])('the TLS mode %s is that of libpq', (query, ssl) => {
  const [target] = connectionTargets(`postgres://host/shop${query}`)
  expect(target?.ssl).toEqual(ssl)
})
