import { join } from 'node:path'
import { clientOptions, type RedisServer, type RedisServerTls, startRedis } from '@floodgate/local-servers'
import { freePorts } from '@floodgate/processes'
import { Redis } from 'ioredis'
import { eventually } from './eventually.ts'
import { temporaryDirectory } from './temporary.ts'
import { tlsParameters } from './tls-parameters.ts'

/** A Redis Cluster of three masters with a replica each. */
export interface ClusterRedis {
  readonly url: string
  readonly servers: readonly RedisServer[]
  /** Resolves to the master of a key, as most nodes that respond know it. */
  masterOf(key: string): Promise<RedisServer>
  /** Resolves once another server than the given one serves the key. */
  promoted(key: string, than: RedisServer): Promise<RedisServer>
  /** Resolves once every master has a replica that follows it. */
  replicated(): Promise<void>
  /** Returns a client of one server, without routing. */
  client(server: RedisServer): Redis
  /** Moves the slot of a key to another master, key by key; `between` runs after each key. */
  moveSlot(key: string, to: RedisServer, between?: (moved: number) => Promise<void>): Promise<void>
  remove(): Promise<void>
}

const MASTERS = 3
const SLOTS = 16_384
const KEYS_PER_PAGE = 100
const MOVE_MS_MAX = 5_000

/** Starts six processes (about 3 s). `nodeTimeoutMs`: silence after which a master is replaced. */
export async function ownRedisMasters(
  options: {
    readonly nodeTimeoutMs?: number
    readonly password?: string
    /** All nodes speak TLS alone, to each other too. */
    readonly tls?: RedisServerTls
  } = {},
): Promise<ClusterRedis> {
  const { password, tls } = options
  const directory = await temporaryDirectory()
  const ports = await freePorts(4 * MASTERS)
  const settings = [
    `cluster-node-timeout ${options.nodeTimeoutMs ?? 1_000}`,
    'cluster-replica-validity-factor 0',
    // One dead master costs only its own sales.
    'cluster-require-full-coverage no',
  ]
  const servers = await Promise.all(
    Array.from({ length: 2 * MASTERS }, (_, index) =>
      startRedis({
        dataDir: join(directory.path, `redis-${index}`),
        port: ports[2 * index] ?? 0,
        clusterPort: ports[2 * index + 1] ?? 0,
        isWholeCluster: false,
        settings,
        ...(password === undefined ? {} : { password }),
        ...(tls === undefined ? {} : { tls }),
      }),
    ),
  )
  const clients = new Map(
    await Promise.all(
      servers.map(
        async ({ port }) => [port, connect(await clientOptions({ host: '127.0.0.1', port, password, tls }))] as const,
      ),
    ),
  )
  function clientOf({ port }: RedisServer): Redis {
    const client = clients.get(port)
    if (client === undefined) throw new Error(`no server of this cluster listens on port ${port}`)
    return client
  }
  const call = (server: RedisServer, ...args: [string, ...(string | number)[]]) => clientOf(server).call(...args)
  const idOf = async (server: RedisServer) => String(await call(server, 'CLUSTER', 'MYID'))

  const [first, ...others] = servers
  if (first === undefined) throw new Error('no server')
  for (const [index, server] of servers.entries()) {
    if (index < MASTERS) {
      const [from, to] = [index, index + 1].map((each) => Math.floor((each * SLOTS) / MASTERS))
      await call(server, 'CLUSTER', 'ADDSLOTSRANGE', from ?? 0, (to ?? 0) - 1)
      await call(server, 'CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
    }
  }
  for (const server of others)
    await call(first, 'CLUSTER', 'MEET', '127.0.0.1', server.port, ports[2 * servers.indexOf(server) + 1] ?? 0)
  await eventually(async () => {
    for (const server of servers)
      if (!String(await call(server, 'CLUSTER', 'INFO')).includes(`cluster_known_nodes:${servers.length}`))
        throw new Error('not all have met')
  })
  for (const [index, replica] of servers.slice(MASTERS).entries()) {
    const master = servers[index]
    if (master !== undefined) await call(replica, 'CLUSTER', 'REPLICATE', await idOf(master))
  }

  async function nodesOf(server: RedisServer): Promise<string[][]> {
    return String(await call(server, 'CLUSTER', 'NODES'))
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
  }

  async function replicated(): Promise<void> {
    await eventually(async () => {
      for (const server of servers) {
        if (!String(await call(server, 'CLUSTER', 'INFO')).includes('cluster_state:ok')) throw new Error('not up')
        const info = await clientOf(server).info('replication')
        const isFine = info.includes('role:master')
          ? /slave0:.*state=online/.test(info) || !(await servesSlots(server))
          : info.includes('master_link_status:up')
        if (!isFine) throw new Error(`port ${server.port} is not replicated`)
      }
    })
  }

  async function servesSlots(server: RedisServer): Promise<boolean> {
    return (await nodesOf(server)).some(
      ([, , flags = '', , , , , , ...slots]) => flags.includes('myself') && slots.length > 0,
    )
  }

  async function masterOf(key: string): Promise<RedisServer> {
    const votes = await Promise.allSettled(
      servers.map(async (server) => {
        const slot = Number(await call(server, 'CLUSTER', 'KEYSLOT', key))
        for (const [, address = '', flags = '', , , , , , ...slots] of await nodesOf(server)) {
          if (!flags.includes('master') || flags.includes('fail')) continue
          if (slots.some((range) => contains(range, slot))) return Number(address.split('@')[0]?.split(':')[1])
        }
        return undefined
      }),
    )
    const ports = votes.flatMap((vote) => (vote.status === 'fulfilled' && vote.value !== undefined ? [vote.value] : []))
    const newest = servers.find(({ port }) => ports.filter((each) => each === port).length * 2 > ports.length)
    if (newest === undefined) throw new Error(`The nodes do not agree about the master of ${key}.`)
    return newest
  }

  await replicated()
  return {
    url: [
      tls === undefined ? 'redis' : 'rediss',
      '+cluster://',
      password === undefined ? '' : `:${encodeURIComponent(password)}@`,
      servers.map(({ port }) => `127.0.0.1:${port}`).join(','),
      tls === undefined ? '' : `?${tlsParameters(tls)}`,
    ].join(''),
    servers,
    masterOf,
    promoted: (key, than) =>
      eventually(async () => {
        const now = await masterOf(key)
        if (now.port === than.port) throw new Error('still the old master')
        return now
      }),
    replicated,
    client: clientOf,
    async moveSlot(key, to, between) {
      const from = await masterOf(key)
      const slot = Number(await call(from, 'CLUSTER', 'KEYSLOT', key))
      const [fromId, toId] = [await idOf(from), await idOf(to)]
      await call(to, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId)
      await call(from, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId)
      for (let moved = 0; ; ) {
        const keys = (await call(from, 'CLUSTER', 'GETKEYSINSLOT', slot, KEYS_PER_PAGE)) as string[]
        if (keys.length === 0) break
        for (const each of keys) {
          await call(from, 'MIGRATE', '127.0.0.1', to.port, each, 0, MOVE_MS_MAX)
          moved += 1
          await between?.(moved)
        }
      }
      await call(to, 'CLUSTER', 'SETSLOT', slot, 'NODE', toId)
      await call(from, 'CLUSTER', 'SETSLOT', slot, 'NODE', toId)
      await eventually(async () => {
        if ((await masterOf(key)).port !== to.port) throw new Error('not all know of the move')
      })
    },
    async remove() {
      for (const client of clients.values()) client.disconnect()
      await Promise.all(servers.map((server) => server.kill()))
      await directory.remove()
    },
  }
}

function contains(range: string, slot: number): boolean {
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? []
  return first !== undefined && slot >= Number(first) && slot <= Number(last ?? first)
}

function connect(options: Awaited<ReturnType<typeof clientOptions>>): Redis {
  const redis = new Redis({ ...options, commandTimeout: MOVE_MS_MAX, maxRetriesPerRequest: 0 })
  redis.on('error', () => undefined)
  return redis
}
