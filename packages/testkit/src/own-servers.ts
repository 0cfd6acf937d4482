import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type KafkaServer,
  type LocalServer,
  type PostgresServer,
  type RedisServer,
  startKafka,
  startPostgres,
  startRedis,
} from '@floodgate/local-servers'
import { freePort, PortInUse } from '@floodgate/processes'
import { temporaryDirectory } from './temporary.ts'

/** A server that one test file has for itself, to kill and restart as it likes. */
export type Own<Server extends LocalServer> = Server & {
  /** Ends it and deletes its files. */
  remove(): Promise<void>
}

/** A Redis process of its own (about 60 ms), empty. Its `run_id` and its append-only file are nobody else's. */
export function ownRedis(): Promise<Own<RedisServer>> {
  return own((directory, port) => startRedis({ dataDir: join(directory, 'redis'), port }))
}

/** A Redis Cluster of its own that is one node: a script over keys of two slots is refused with `CROSSSLOT`. */
export function ownRedisCluster(): Promise<Own<RedisServer>> {
  return own(async (directory, port) =>
    startRedis({ dataDir: join(directory, 'redis'), port, clusterPort: await freePort() }),
  )
}

/** A Postgres process of its own (about a second) with an empty database. Prefer freshDatabase unless it is to be killed. */
export function ownPostgres(options: { readonly maxConnections?: number } = {}): Promise<Own<PostgresServer>> {
  return own((directory, port) =>
    startPostgres({ dataDir: join(directory, 'postgres'), port, password: 'test', durable: false, ...options }),
  )
}

/** A Kafka broker of its own (about 4 s, 350 MB) without topics. Prefer the shared one unless it is to be killed. */
export function ownKafka(options: { readonly rebalanceDelayMs?: number } = {}): Promise<Own<KafkaServer>> {
  return own(async (directory, port) =>
    startKafka({ dataDir: join(directory, 'kafka'), port, controllerPort: await freePort(), ...options }),
  )
}

/** Starts a server on a free port in a temporary directory; `remove` ends it and deletes its files. */
export async function own<Server extends LocalServer>(
  start: (directory: string, port: number) => Promise<Server>,
): Promise<Own<Server>> {
  const directory = await temporaryDirectory()
  try {
    const server = await onFreePort((port) => start(directory.path, port))
    const remove = async (): Promise<void> => {
      await server.kill()
      await rm(server.dataDir, { recursive: true, force: true })
      await directory.remove()
    }
    return Object.assign(server, { remove })
  } catch (error) {
    await directory.remove()
    throw error
  }
}

const ATTEMPTS_MAX = 3

/** Another test file may take a free port first: then another one is tried. */
async function onFreePort<Server>(start: (port: number) => Promise<Server>): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort())
    } catch (error) {
      if (!(error instanceof PortInUse) || attempt === ATTEMPTS_MAX) throw error
    }
  }
}
