import { chown, copyFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Authority, type Certificate, createAuthority, type PostgresServer } from '@floodgate/local-servers'
import pg from 'pg'
import { eventually } from './eventually.ts'
import { type Own, ownPostgres } from './own-servers.ts'
import { temporaryDirectory } from './temporary.ts'

/** A Postgres that speaks TLS, and the authority of its certificates. */
export type TlsPostgres = Own<PostgresServer> & {
  readonly authority: Authority
  /** A certificate for the user `certified`. */
  readonly client: Certificate
}

/** `plain` may connect without TLS, `floodgate` only with it, and `certified` only with its certificate. */
const ACCESS = `
hostnossl all plain     all scram-sha-256
hostssl   all floodgate all scram-sha-256
hostssl   all certified all cert
`

/** Starts it with a certificate for `localhost`, not for its address. The password of `floodgate` and `plain` is `test`. */
export async function ownTlsPostgres(): Promise<TlsPostgres> {
  const directory = await temporaryDirectory()
  const authority = await createAuthority(directory.path)
  const [server, own, client] = await Promise.all([
    ownPostgres(),
    authority.issue('server', { hosts: ['localhost'] }),
    authority.issue('certified'),
  ])
  const { remove } = server
  await turnOnTls(server, {
    ssl_cert_file: own.certificateFile,
    ssl_key_file: own.keyFile,
    ssl_ca_file: authority.certificateFile,
  })
  return Object.assign(server, {
    authority,
    client,
    async remove() {
      await remove()
      await directory.remove()
    },
  })
}

async function turnOnTls(server: PostgresServer, files: Readonly<Record<string, string>>): Promise<void> {
  const { uid, gid } = await stat(server.dataDir)
  const database = new pg.Client({ connectionString: server.url })
  await database.connect()
  await database.query(`create role plain login password 'test'; create role certified login`)
  for (const [setting, file] of Object.entries(files)) {
    const copy = join(server.dataDir, `${setting}.pem`)
    // The server rejects a key that others may read; it may run as a user of its own.
    await copyFile(file, copy)
    await chown(copy, uid, gid)
    await database.query(`alter system set ${setting} = ${pg.escapeLiteral(copy)}`)
  }
  await database.query('alter system set ssl = on')
  await writeFile(join(server.dataDir, 'pg_hba.conf'), ACCESS)
  await database.query('select pg_reload_conf()')
  await database.end()
  await eventually(async () => {
    const overTls = new pg.Client({ connectionString: server.url, ssl: { rejectUnauthorized: false } })
    await overTls.connect()
    await overTls.end()
  })
}
