import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { closePool, createPool } from '@floodgate/database'
import { type ProxyServer, startHaproxy } from '@floodgate/local-servers'
import { freePort } from '@floodgate/processes'
import { eventually, ownPostgres, ownStandby, temporaryDirectory } from '@floodgate/testkit'

const CONFIGURATION = new URL('../../../docs/deploy/haproxy/postgres.cfg', import.meta.url)
const CHECK_USER = 'haproxy'

type Server = Awaited<ReturnType<typeof ownPostgres>>

/** A primary with a standby, to be promoted. */
export interface PostgresPair {
  readonly primary: Server
  readonly standby: Server
  /** Names both hosts, for apps without a proxy. */
  readonly urlOfBoth: string
  remove(): Promise<void>
}

/** Starts a primary and its standby, which streams asynchronously. */
export async function startPair(): Promise<PostgresPair> {
  const primary = await ownPostgres()
  await admitCheck(primary)
  const standby = await ownStandby(primary)
  const { username, password, pathname } = new URL(primary.url)
  return {
    primary,
    standby,
    urlOfBoth: `postgresql://${username}:${password}@127.0.0.1:${primary.port},127.0.0.1:${standby.port}${pathname}?target_session_attrs=read-write`,
    async remove() {
      await standby.remove()
      await primary.remove()
    },
  }
}

/** Lets HAProxy's check connect, as docs/deploy/haproxy/postgres.cfg demands. */
async function admitCheck(primary: Server): Promise<void> {
  const file = join(primary.dataDir, 'pg_hba.conf')
  await writeFile(file, `host postgres ${CHECK_USER} 127.0.0.1/32 trust\n${await readFile(file, 'utf8')}`)
  const pool = createPool(primary.url, { max: 1 })
  await pool.query(`create role ${CHECK_USER} login`)
  await pool.query('select pg_reload_conf()')
  await closePool(pool)
}

/** Starts HAProxy with the documented configuration; resolves with the URL once it sends connections to the primary. */
export async function startProxyOf(pair: PostgresPair): Promise<{ url: string; stop(): Promise<void> }> {
  const directory = await temporaryDirectory()
  const port = await freePort()
  const text = await readFile(CONFIGURATION, 'utf8')
  const configuration = text
    .replace('bind :5432', `bind 127.0.0.1:${port}`)
    .replace('10.0.0.11:5432', `127.0.0.1:${pair.primary.port}`)
    .replace('10.0.0.12:5432', `127.0.0.1:${pair.standby.port}`)
  const proxy: ProxyServer = await startHaproxy({ directory: directory.path, configuration, port })
  const url = new URL(pair.primary.url)
  url.port = String(port)
  await eventually(() => expectPort(url.href, pair.primary.port))
  async function stop(): Promise<void> {
    await proxy.stop()
    await directory.remove()
  }
  return { url: url.href, stop }
}

async function expectPort(url: string, port: number): Promise<void> {
  const pool = createPool(url, { max: 1, statementTimeoutMs: 1_000 })
  try {
    const { rows } = await pool.query<{ port: number }>(`select current_setting('port')::int as port`)
    if (rows[0]?.port !== port) throw new Error(`The proxy leads to port ${rows[0]?.port}.`)
  } finally {
    await closePool(pool)
  }
}
