import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  createKafkaSecurity,
  type KafkaCluster,
  type KafkaSecurity,
  type KafkaServer,
  type LocalServer,
  type PostgresServer,
  type RedisServer,
  startKafka,
  startKafkaCluster,
  startPostgres,
  startRedis,
  startStandby,
} from '@floodgate/local-servers'
import { freePort, PortInUse } from '@floodgate/processes'
import { temporaryDirectory } from './temporary.ts'

/** A server for one test file only, to kill and restart. */
export type Own<Server extends LocalServer> = Server & {
  /** Stops it and deletes its files. */
  remove(): Promise<void>
}

/** Starts an empty Redis process (about 60 ms). No other test shares its `run_id` or its append-only file. */
export function ownRedis(): Promise<Own<RedisServer>> {
  return own((directory, port) => startRedis({ dataDir: join(directory, 'redis'), port }))
}

/** Starts a Redis Cluster of one node: it rejects a script over keys of two slots with `CROSSSLOT`. */
export function ownRedisCluster(): Promise<Own<RedisServer>> {
  return own(async (directory, port) =>
    startRedis({ dataDir: join(directory, 'redis'), port, clusterPort: await freePort() }),
  )
}

/** Starts a Postgres process (about a second) with an empty database. Prefer freshDatabase unless the test kills it. */
export function ownPostgres(options: { readonly maxConnections?: number } = {}): Promise<Own<PostgresServer>> {
  return own((directory, port) =>
    startPostgres({ dataDir: join(directory, 'postgres'), port, password: 'test', durable: false, ...options }),
  )
}

/** Starts a standby of a Postgres of `ownPostgres`; it streams from it until `promotePostgres`. */
export function ownStandby(primary: PostgresServer): Promise<Own<PostgresServer>> {
  return own((directory, port) =>
    startStandby({ dataDir: join(directory, 'postgres'), port, password: 'test', durable: false, primary }),
  )
}

/** Starts a Kafka broker (about 4 s, 350 MB) without topics. Prefer the shared one unless the test kills it. */
export function ownKafka(options: { readonly rebalanceDelayMs?: number } = {}): Promise<Own<KafkaServer>> {
  return own(async (directory, port) =>
    startKafka({ dataDir: join(directory, 'kafka'), port, controllerPort: await freePort(), ...options }),
  )
}

/** Starts a Kafka broker that accepts only TLS with a user and a password, and allows only what ACLs allow. */
export async function ownSecureKafka(): Promise<Own<KafkaServer> & { readonly security: KafkaSecurity }> {
  const files = await temporaryDirectory()
  const security = await createKafkaSecurity(files.path)
  const server = await own(async (directory, port) =>
    startKafka({ dataDir: join(directory, 'kafka'), port, controllerPort: await freePort(), security }),
  )
  const { remove } = server
  return Object.assign(server, {
    security,
    remove: async () => {
      await remove()
      await files.remove()
    },
  })
}

/** Starts a Kafka cluster of three brokers (about 7 s, 1 GB): each topic has three replicas, two of them in sync. */
export async function ownKafkaCluster(): Promise<KafkaCluster & { remove(): Promise<void> }> {
  const directory = await temporaryDirectory()
  const ports = await Promise.all(
    [1, 2, 3].map(async () => ({ port: await freePort(), controllerPort: await freePort() })),
  )
  const cluster = await startKafkaCluster({ dataDir: directory.path, ports })
  return {
    ...cluster,
    async remove() {
      await cluster.kill()
      await directory.remove()
    },
  }
}

/** Starts a server on a free port in a temporary directory; `remove` stops it and deletes its files. */
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

/** Retries with another port when another test file took the free port first. */
async function onFreePort<Server>(start: (port: number) => Promise<Server>): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort())
    } catch (error) {
      if (!(error instanceof PortInUse) || attempt === ATTEMPTS_MAX) throw error
    }
  }
}
