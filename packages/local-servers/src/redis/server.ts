import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { assertPortFree, endLeftovers, type OwnedProcess } from '@floodgate/processes'
import type { Redis } from 'ioredis'
import { type LocalServer, ownServer, type StartServerOptions, untilReady } from '../server.ts'
import { spawnServer } from '../spawn-server.ts'
import { requireRedisServer } from './install.ts'
import { callOnce, type RedisServerTls, tlsSettings } from './one-shot.ts'

export type RedisServer = LocalServer & {
  /** The append-only file's directory. */
  readonly aofDir: string
}

export interface StartRedisOptions extends StartServerOptions {
  readonly password?: string
  /** Port of the cluster bus: the server is a node of a Redis Cluster. */
  readonly clusterPort?: number
  /** Whether a node of a cluster holds all slots, so that it is one by itself. By default it does. */
  readonly isWholeCluster?: boolean
  /** Port of the master on the same host that it copies. */
  readonly replicaOf?: number
  /** Serves TLS on its port, with these files in PEM. */
  readonly tls?: RedisServerTls
  /** More lines of redis.conf. */
  readonly settings?: readonly string[]
}

const PROGRAM = 'redis-server'
const AOF_DIR = 'appendonlydir'
/** Reading a large append-only file takes the longest. */
const READY_MS_MAX = 60_000
const PROBE_MS = 20

/**
 * Starts a local Redis that writes every change to an append-only file (flushed each second) and rejects writes rather
 * than evict keys. Loads data left by SIGKILL, without a half-written last command.
 *
 * Throws MissingServer, PortInUse or ServerFailed.
 */
export async function startRedis(options: StartRedisOptions): Promise<RedisServer> {
  const host = options.host ?? '127.0.0.1'
  const dataDir = resolve(options.dataDir)
  const command = await requireRedisServer()
  const launch = async (): Promise<OwnedProcess> => {
    options.signal?.throwIfAborted()
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    await endLeftovers({ directory: dataDir, program: PROGRAM, signal: 'SIGTERM', onProgress: options.onProgress })
    await assertPortFree(options.port, host)
    return launchRedis({ ...options, host, dataDir, command })
  }
  const credentials = options.password === undefined ? '' : `:${encodeURIComponent(options.password)}@`
  const server = await ownServer({
    url: `${options.tls === undefined ? 'redis' : 'rediss'}://${credentials}${host}:${options.port}`,
    port: options.port,
    dataDir,
    launch,
    stopSignals: ['SIGTERM'],
  })
  return Object.assign(server, { aofDir: join(dataDir, AOF_DIR) })
}

type LaunchOptions = StartRedisOptions & { readonly host: string; readonly command: string }

async function launchRedis(options: LaunchOptions): Promise<OwnedProcess> {
  const redis = await spawnServer({
    command: options.command,
    // The settings come through standard input, so that the process list shows no password.
    args: ['-'],
    stdin: redisSettings(options),
    cwd: options.dataDir,
    log: options.log,
    signalWhenOrphaned: 'TERM',
  })
  await untilReady({
    name: `Redis on port ${options.port}`,
    process: redis,
    probe: () => probe(options),
    withinMs: READY_MS_MAX,
    intervalMs: PROBE_MS,
    signal: options.signal,
  })
  return redis
}

/** Returns redis.conf of the instance. Pure. */
export function redisSettings(options: Omit<LaunchOptions, 'command'>): string {
  const settings = [
    `bind ${options.host}`,
    ...(options.tls === undefined ? [`port ${options.port}`] : tlsSettings(options.port, options.tls)),
    `dir ${JSON.stringify(options.dataDir)}`,
    'save ""',
    'appendonly yes',
    'appendfsync everysec',
    'aof-load-truncated yes',
    // Marks the seconds in the file, by which cutLastSecond finds the last one.
    'aof-timestamp-enabled yes',
    `appenddirname ${AOF_DIR}`,
    'maxmemory-policy noeviction',
    ...(options.password === undefined ? [] : passwordSettings(options.password)),
    ...(options.replicaOf === undefined ? [] : [`replicaof ${options.host} ${options.replicaOf}`]),
    // A replica starts its copy at once, instead of waiting for further replicas.
    'repl-diskless-sync-delay 0',
    ...(options.clusterPort === undefined ? [] : clusterSettings(options.clusterPort, options.tls !== undefined)),
  ]
  return `${[...settings, ...(options.settings ?? [])].join('\n')}\n`
}

function clusterSettings(clusterPort: number, isEncrypted: boolean): string[] {
  return ['cluster-enabled yes', `cluster-port ${clusterPort}`, `tls-cluster ${isEncrypted ? 'yes' : 'no'}`]
}

function passwordSettings(password: string): string[] {
  const quoted = JSON.stringify(password)
  return [`requirepass ${quoted}`, `masterauth ${quoted}`]
}

/** Rejects until the server accepts commands; a cluster node takes its slots first. */
function probe(options: LaunchOptions): Promise<void> {
  return callOnce(options, async (client) => {
    // Fails with an error reply while the append-only file is being loaded.
    await client.ping()
    if (options.clusterPort !== undefined && options.isWholeCluster !== false) await takeSlots(client)
  })
}

const SLOT_MAX = 16_383

/** Gives all slots to this node, once, and rejects until the cluster reports that it is up. */
async function takeSlots(client: Redis): Promise<void> {
  if ((await clusterInfo(client)).includes('cluster_slots_assigned:0'))
    await client.call('CLUSTER', 'ADDSLOTSRANGE', 0, SLOT_MAX)
  if (!(await clusterInfo(client)).includes('cluster_state:ok')) throw new Error('The cluster is not up yet.')
}

async function clusterInfo(client: Redis): Promise<string> {
  return String(await client.call('CLUSTER', 'INFO'))
}
