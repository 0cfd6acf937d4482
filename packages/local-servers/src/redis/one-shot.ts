import { readFile } from 'node:fs/promises'
import { Redis } from 'ioredis'

const COMMAND_MS_MAX = 2_000

/** Files in PEM with which a server serves TLS, and connects to others. */
export interface RedisServerTls {
  readonly ca: string
  readonly cert: string
  readonly key: string
  /** Rejects clients without a certificate of the authority. */
  readonly asksClients?: boolean | undefined
}

/** How to reach a server or a Sentinel. */
export interface RedisAddress {
  readonly host: string
  readonly port: number
  readonly password?: string | undefined
  readonly tls?: RedisServerTls | undefined
}

/** Connects once, runs `work` and disconnects. Rejects when the server cannot be reached, and with the errors of `work`. */
export async function callOnce(address: RedisAddress, work: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis({
    ...(await clientOptions(address)),
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: COMMAND_MS_MAX,
    commandTimeout: COMMAND_MS_MAX,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
  })
  // The same failure rejects the call in progress.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await work(client)
  } finally {
    client.disconnect()
  }
}

/** Returns the options of a client of one server or Sentinel, whatever names its certificate has. */
export async function clientOptions({ host, port, password, tls }: RedisAddress) {
  return {
    ...{ host, port, protocol: 2 as const },
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls: await tlsOf(tls) }),
  }
}

async function tlsOf({ ca, cert, key }: RedisServerTls) {
  const [authority, certificate, privateKey] = await Promise.all([ca, cert, key].map((file) => readFile(file)))
  return { ca: authority, cert: certificate, key: privateKey, checkServerIdentity: () => undefined }
}

/** Returns the lines of the settings that make a server, or a Sentinel, speak TLS with clients and with others. */
export function tlsSettings(port: number, { ca, cert, key, asksClients }: RedisServerTls): string[] {
  return [
    'port 0',
    `tls-port ${port}`,
    ...[`tls-ca-cert-file ${ca}`, `tls-cert-file ${cert}`, `tls-key-file ${key}`],
    `tls-auth-clients ${asksClients ? 'yes' : 'no'}`,
    'tls-replication yes',
  ]
}
