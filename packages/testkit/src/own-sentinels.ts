import { join } from 'node:path'
import {
  clientOptions,
  type LocalServer,
  type RedisServer,
  type RedisServerTls,
  startRedis,
  startSentinel,
} from '@floodgate/local-servers'
import { freePorts } from '@floodgate/processes'
import { Redis } from 'ioredis'
import { eventually } from './eventually.ts'
import { temporaryDirectory } from './temporary.ts'
import { tlsParameters } from './tls-parameters.ts'

/** A primary, two replicas, and three Sentinels that promote one of these when the primary is down. */
export interface SentinelRedis {
  readonly url: string
  readonly servers: readonly RedisServer[]
  readonly sentinels: readonly LocalServer[]
  /** Resolves to the server that the Sentinels name as the master. */
  primary(): Promise<RedisServer>
  /** Resolves once another server than the given one is the master, and accepts writes. */
  promoted(than: RedisServer): Promise<RedisServer>
  /** Resolves once both replicas follow the primary without a gap, so that a failover can succeed. */
  replicated(): Promise<void>
  /** Cuts replication: what is written from now on is lost with the primary. Resolves to the function that mends it. */
  cutReplication(): Promise<() => Promise<void>>
  remove(): Promise<void>
}

const MASTER = 'floodgate'
const REPLICAS = 2
const SENTINELS = 3
/** A busy machine. */
const COMMAND_MS_MAX = 20_000
/** Sentinels usually look for replicas each 10 s, and demote an old master after 8 s. */
const QUICK = ['info-period', '500', 'publish-period', '300', 'ask-period', '300', 'ping-period', '200']

/** Starts six processes (about 3 s). `downAfterMs`: silence after which a master is replaced. */
export async function ownSentinelRedis(
  options: {
    readonly downAfterMs?: number
    readonly password?: string
    readonly sentinelPassword?: string
    /** Servers and Sentinels speak TLS alone. */
    readonly tls?: RedisServerTls
  } = {},
): Promise<SentinelRedis> {
  const { password, sentinelPassword, tls } = options
  const directory = await temporaryDirectory()
  const ports = await freePorts(1 + REPLICAS + SENTINELS)
  const [primaryPort = 0, ...others] = ports.slice(0, 1 + REPLICAS)
  const secret = password === undefined ? {} : { password }
  const start = (port: number, replicaOf?: number) =>
    startRedis({
      dataDir: join(directory.path, `redis-${port}`),
      port,
      ...secret,
      ...(tls === undefined ? {} : { tls }),
      ...(replicaOf === undefined ? {} : { replicaOf }),
    })
  const primary = await start(primaryPort)
  const servers = [primary, ...(await Promise.all(others.map((port) => start(port, primaryPort))))]
  const sentinels = await Promise.all(
    ports.slice(1 + REPLICAS).map((port) =>
      startSentinel({
        dataDir: join(directory.path, `sentinel-${port}`),
        port,
        master: { name: MASTER, port: primaryPort, ...secret },
        quorum: 2,
        downAfterMs: options.downAfterMs ?? 1_000,
        tls,
        ...(sentinelPassword === undefined ? {} : { password: sentinelPassword }),
      }),
    ),
  )
  const asked = await Promise.all(sentinels.map(({ port }) => connect(port, sentinelPassword, tls)))
  await Promise.all(asked.map((sentinel) => sentinel.call('SENTINEL', 'DEBUG', ...QUICK)))

  async function primaryNow(): Promise<RedisServer> {
    const named = await Promise.any(
      asked.map(async (sentinel) => {
        const reply = (await sentinel.call('SENTINEL', 'get-master-addr-by-name', MASTER)) as [string, string]
        return servers.find(({ port }) => port === Number(reply[1]))
      }),
    )
    if (named === undefined) throw new Error('The Sentinels name an unknown master.')
    return named
  }

  async function replicated(): Promise<void> {
    await eventually(async () => {
      for (const sentinel of asked) {
        const replicas = (await sentinel.call('SENTINEL', 'REPLICAS', MASTER)) as string[][]
        const usable = replicas.map(fieldsOf).filter(isUsable)
        const state = fieldsOf((await sentinel.call('SENTINEL', 'MASTER', MASTER)) as string[])
        if (usable.length < REPLICAS || state.get('num-other-sentinels') !== String(SENTINELS - 1))
          throw new Error(`${usable.length} replicas usable, ${state.get('num-other-sentinels')} other Sentinels`)
      }
    })
  }
  await replicated()

  const auth = password === undefined ? '' : `:${encodeURIComponent(password)}@`
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')
  const parameters = [
    ...(sentinelPassword === undefined ? [] : [`sentinelPassword=${encodeURIComponent(sentinelPassword)}`]),
    ...(tls === undefined ? [] : [tlsParameters(tls)]),
  ]
  const query = parameters.length === 0 ? '' : `?${parameters.join('&')}`
  return {
    url: `${tls === undefined ? 'redis' : 'rediss'}+sentinel://${auth}${hosts}/${MASTER}${query}`,
    servers,
    sentinels,
    primary: primaryNow,
    replicated,
    promoted: (than) =>
      eventually(async () => {
        const now = await primaryNow()
        if (now.port === than.port) throw new Error('still the old master')
        const client = await connect(now.port, password, tls)
        try {
          if (!(await client.info('replication')).includes('role:master')) throw new Error('not promoted yet')
        } finally {
          client.disconnect()
        }
        return now
      }),
    async cutReplication() {
      const old = await primaryNow()
      const others = servers.filter(({ port }) => port !== old.port)
      const replicas = await Promise.all(others.map(({ port }) => connect(port, password, tls)))
      async function authenticateAs(secret: string): Promise<void> {
        await Promise.all(replicas.map((replica) => replica.config('SET', 'masterauth', secret)))
      }
      await authenticateAs('not the password')
      await Promise.all(replicas.map((replica) => replica.call('CLIENT', 'KILL', 'TYPE', 'master')))
      return async function mend() {
        await authenticateAs(password ?? '')
        for (const replica of replicas) replica.disconnect()
      }
    },
    async remove() {
      for (const sentinel of asked) sentinel.disconnect()
      await Promise.all([...servers, ...sentinels].map((server) => server.kill()))
      await directory.remove()
    },
  }
}

async function connect(port: number, password?: string, tls?: RedisServerTls): Promise<Redis> {
  const redis = new Redis({
    ...(await clientOptions({ host: '127.0.0.1', port, password, tls })),
    commandTimeout: COMMAND_MS_MAX,
  })
  redis.on('error', () => undefined)
  return redis
}

function fieldsOf(flat: readonly string[]): ReadonlyMap<string, string> {
  return new Map(flat.flatMap((each, at) => (at % 2 === 0 ? [[each, flat[at + 1] ?? '']] : [])))
}

const isUsable = (replica: ReadonlyMap<string, string>): boolean =>
  replica.get('flags') === 'slave' && replica.get('master-link-status') === 'ok'
