import { join } from 'node:path'
import { type Certificate, makeCertificate, type RedisServer, startRedis } from '@floodgate/local-servers'
import { type Own, own } from './own-servers.ts'
import { temporaryDirectory } from './temporary.ts'

/** A Redis that speaks only TLS, and the files of its authority, which clients need as well. */
export type TlsRedis = Own<RedisServer> & { readonly files: Certificate }

/** Starts it with a certificate for `redis.example` and 127.0.0.1; it accepts clients of its own authority only. */
export async function ownTlsRedis(options: { readonly password: string }): Promise<TlsRedis> {
  const directory = await temporaryDirectory()
  const files = await makeCertificate(directory.path, ['redis.example'])
  const { certificateFile: cert, keyFile: key } = files
  const tls = { ca: cert, cert, key, asksClients: true }
  const server = await own((path, port) => startRedis({ dataDir: join(path, 'redis'), port, ...options, tls }))
  const { remove } = server
  return Object.assign(server, {
    files,
    async remove() {
      await remove()
      await directory.remove()
    },
  })
}
