import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runChecks } from '@floodgate/runtime'
import {
  type Authority,
  createAuthority,
  eventually,
  ownTlsPostgres,
  type TemporaryDirectory,
  type TlsPostgres,
  temporaryDirectory,
  testServerAddress,
} from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { databaseCheck } from './database-check.ts'
import { closePool, createPool } from './pool.ts'
import { createPrisma } from './prisma.ts'

let server: TlsPostgres
let directory: TemporaryDirectory
let other: Authority
let stranger: { readonly certificateFile: string; readonly keyFile: string }

beforeAll(async () => {
  directory = await temporaryDirectory()
  ;[server, other] = await Promise.all([ownTlsPostgres(), createAuthority(directory.path, 'other')])
  stranger = await other.issue('certified')
})
afterAll(async () => {
  await server.remove()
  await directory.remove()
})

interface Given {
  readonly login?: string
  readonly host?: string
  readonly parameters: Readonly<Record<string, string>>
}

function urlOf({ login = 'floodgate:test', host = 'localhost', parameters }: Given): string {
  return `postgres://${login}@${host}:${server.port}/floodgate?${new URLSearchParams(parameters)}`
}

/** Resolves to how the server sees the connection, or to what `--check` says about its failure. */
async function connect(url: string): Promise<string> {
  const pool = createPool(url, { max: 1 })
  try {
    const { rows } = await pool.query<{ ssl: boolean; dn: string | null }>(
      'select ssl, client_dn as dn from pg_stat_ssl where pid = pg_backend_pid()',
    )
    return `${rows[0]?.ssl ? 'TLS' : 'plain text'}${rows[0]?.dn ? `, as ${rows[0].dn}` : ''}`
  } catch {
    const [result] = await runChecks([databaseCheck(url)])
    return result?.finding.kind === 'failed' ? result.finding.problem : 'no failure'
  } finally {
    await closePool(pool)
  }
}

const own = () => ({ sslrootcert: server.authority.certificateFile })
const foreign = () => ({ sslrootcert: other.certificateFile })
const clientOf = ({ certificateFile, keyFile }: typeof stranger) => ({ sslcert: certificateFile, sslkey: keyFile })

it.each<[string, () => Given, string | RegExp]>([
  ['disable is plain text', () => ({ login: 'plain:test', parameters: { sslmode: 'disable' } }), 'plain text'],
  ['no mode is plain text', () => ({ login: 'plain:test', parameters: {} }), 'plain text'],
  ['disable fails where TLS is required', () => ({ parameters: { sslmode: 'disable' } }), /TLS mode/],
  ['require encrypts, and verifies nothing', () => ({ host: '127.0.0.1', parameters: { sslmode: 'require' } }), 'TLS'],
  [
    'require verifies an authority that is given',
    () => ({ parameters: { sslmode: 'require', ...foreign() } }),
    /unknown authority/,
  ],
  [
    'verify-ca accepts its authority, under any host name',
    () => ({ host: '127.0.0.1', parameters: { sslmode: 'verify-ca', ...own() } }),
    'TLS',
  ],
  ['verify-ca rejects another', () => ({ parameters: { sslmode: 'verify-ca', ...foreign() } }), /unknown authority/],
  ['verify-full accepts its host name', () => ({ parameters: { sslmode: 'verify-full', ...own() } }), 'TLS'],
  [
    'verify-full rejects another host name',
    () => ({ host: '127.0.0.1', parameters: { sslmode: 'verify-full', ...own() } }),
    /other host names/,
  ],
  [
    'verify-full rejects another authority',
    () => ({ parameters: { sslmode: 'verify-full', ...foreign() } }),
    /unknown authority/,
  ],
  [
    'verify-full trusts the authorities of Node by default',
    () => ({ parameters: { sslmode: 'verify-full' } }),
    /unknown authority/,
  ],
  [
    'a client certificate is the login of its user',
    () => ({ login: 'certified', parameters: { sslmode: 'verify-full', ...own(), ...clientOf(server.client) } }),
    'TLS, as /CN=certified',
  ],
  [
    'a user of certificates needs one',
    () => ({ login: 'certified', parameters: { sslmode: 'verify-full', ...own() } }),
    /TLS mode/,
  ],
  [
    'a client certificate of another authority is rejected',
    () => ({ login: 'certified', parameters: { sslmode: 'verify-full', ...own(), ...clientOf(stranger) } }),
    /client certificate|closed the connection|unknown ca/,
  ],
])('%s', async (_, given, expected) => {
  expect(await connect(urlOf(given()))).toEqual(
    typeof expected === 'string' ? expected : expect.stringMatching(expected),
  )
})

it('a server without TLS gets no password when TLS is required', async () => {
  const url = `${testServerAddress('postgres')}?sslmode=require`
  expect(await connect(url)).toMatch(/does not support SSL/)
})

it('reads of operators use the same connection', async () => {
  const prisma = createPrisma(urlOf({ parameters: { sslmode: 'verify-full', ...own() } }), { connectionsMax: 1 })
  const client = await prisma.client()
  expect(await client.$queryRaw`select ssl from pg_stat_ssl where pid = pg_backend_pid()`).toEqual([{ ssl: true }])
  await prisma.close()
})

it('connections that break are replaced although the files are gone, as in the middle of their replacement', async () => {
  const authority = join(directory.path, 'replaced.pem')
  await copyFile(server.authority.certificateFile, authority)
  const pool = createPool(urlOf({ parameters: { sslmode: 'verify-full', sslrootcert: authority } }), { max: 2 })
  try {
    await pool.query('select 1')
    await rm(authority)
    await pool
      .query('select pg_terminate_backend(pid) from pg_stat_activity where usename = current_user')
      .catch(() => 0)
    const numbers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => eventually(() => pool.query('select $1::int as n', [n]))),
    )
    expect(numbers.map(({ rows }) => rows[0]?.n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  } finally {
    await closePool(pool)
  }
})
