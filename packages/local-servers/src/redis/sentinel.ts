import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { assertPortFree, endLeftovers, type OwnedProcess } from '@floodgate/processes'
import { type LocalServer, ownServer, type StartServerOptions, untilReady } from '../server.ts'
import { spawnServer } from '../spawn-server.ts'
import { requireRedisServer } from './install.ts'
import { callOnce, type RedisServerTls, tlsSettings } from './one-shot.ts'

export interface StartSentinelOptions extends StartServerOptions {
  /** The master's name, its port on the same host, and its password. */
  readonly master: { readonly name: string; readonly port: number; readonly password?: string }
  /** Sentinels that must agree that the master is down. */
  readonly quorum: number
  /** Silence of the master after which it counts as down. */
  readonly downAfterMs: number
  /** The Sentinel's own password. */
  readonly password?: string
  /** Serves TLS, and expects the master and its replicas to do so. */
  readonly tls?: RedisServerTls | undefined
}

const PROGRAM = 'redis-server'
const READY_MS_MAX = 20_000
const PROBE_MS = 20
const FAILOVER_MS_MAX = 10_000

/** Starts a Redis Sentinel, which watches a master and promotes one of its replicas when it is down. */
export async function startSentinel(options: StartSentinelOptions): Promise<LocalServer> {
  const host = options.host ?? '127.0.0.1'
  const dataDir = resolve(options.dataDir)
  const command = await requireRedisServer()
  const file = join(dataDir, 'sentinel.conf')
  async function launch(): Promise<OwnedProcess> {
    options.signal?.throwIfAborted()
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    await endLeftovers({ directory: dataDir, program: PROGRAM, signal: 'SIGTERM', onProgress: options.onProgress })
    await assertPortFree(options.port, host)
    // A Sentinel keeps what it knows in its settings; a file that exists is its own.
    await writeFile(file, sentinelSettings({ ...options, host, dataDir }), { flag: 'wx', mode: 0o600 }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error
      },
    )
    const sentinel = await spawnServer({
      command,
      args: [file, '--sentinel'],
      cwd: dataDir,
      log: options.log,
      signalWhenOrphaned: 'TERM',
    })
    await untilReady({
      name: `Sentinel on port ${options.port}`,
      process: sentinel,
      probe: () => callOnce({ ...options, host }, (client) => client.ping()),
      withinMs: READY_MS_MAX,
      intervalMs: PROBE_MS,
      signal: options.signal,
    })
    return sentinel
  }
  return ownServer({
    url: `${options.tls === undefined ? 'redis' : 'rediss'}://${host}:${options.port}`,
    port: options.port,
    dataDir,
    launch,
    stopSignals: ['SIGTERM'],
  })
}

type Settings = StartSentinelOptions & { readonly host: string }

function sentinelSettings({ host, port, dataDir, master, quorum, downAfterMs, password, tls }: Settings): string {
  const { name } = master
  const settings = [
    `bind ${host}`,
    ...(tls === undefined ? [`port ${port}`] : tlsSettings(port, tls)),
    `dir ${JSON.stringify(dataDir)}`,
    `sentinel monitor ${name} ${host} ${master.port} ${quorum}`,
    `sentinel down-after-milliseconds ${name} ${downAfterMs}`,
    `sentinel failover-timeout ${name} ${FAILOVER_MS_MAX}`,
    ...(master.password === undefined ? [] : [`sentinel auth-pass ${name} ${master.password}`]),
    ...(password === undefined ? [] : [`requirepass ${password}`, `sentinel sentinel-pass ${password}`]),
  ]
  return `${settings.join('\n')}\n`
}
