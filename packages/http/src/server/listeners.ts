import type { Readiness } from '@floodgate/contracts'
import { ConfigurationError, type ConnectionConfig, type Logger, listenerContradictions } from '@floodgate/runtime'
import type { Hono } from 'hono'
import { Gauge, type Registry } from 'prom-client'
import type { TryFastPath } from '../fast-path/fast-path.ts'
import { createLimitedCounter } from '../limits/limits.ts'
import type { Api } from '../openapi/document.ts'
import { type HealthChecks, readReadiness } from '../operations/health-routes.ts'
import { createOperationsApp } from '../operations/operations.ts'
import type { SocketServer } from '../sockets/socket-server.ts'
import { becomeReady } from './become-ready.ts'
import { createConnectionLimits, effectiveConnectionsMax } from './connection-limits.ts'
import { type Listening, listen, type UpgradeHandler } from './listen.ts'
import { createLoadShedder } from './load-shedding.ts'
import { createRequestGuard, overloaded } from './request-guard.ts'

export interface ListenersConfig extends ConnectionConfig {
  readonly host: string
  readonly port: number
  readonly opsHost: string
  readonly opsPort: number
  readonly trustedHops: number
  readonly ipv6SiteFactor?: number
  readonly allowedOrigins: readonly string[]
  /** The URL that buyers use, for a service with buyers. */
  readonly publicUrl?: string
}

export interface ListenersOptions {
  readonly log: Logger
  readonly metrics: Registry
  readonly app: Hono
  readonly tryFastPath?: TryFastPath
  readonly sockets?: SocketServer
  /** The source of the OpenAPI document. */
  readonly api: Api
  readonly checks: HealthChecks
  /** Checks that the clients' port waits for at a start; all of `checks` by default. */
  readonly opensWith?: readonly string[]
  readonly reports?: HealthChecks
  /** How long running requests may take to end after `stop`. */
  readonly closeGraceMs: number
}

/** The two listeners of an app: the clients' port and the operations port. */
export interface Listeners {
  start(): Promise<void>
  /** Empty until it listens. */
  url(): string
  opsUrl(): string
  /** Reads whether this process can serve, as `/readyz` does for a single process. */
  readiness(): Promise<Readiness>
  /**
   * The first half of a stop: not ready from now on, the clients' port closed, upgrades rejected, sockets told to
   * reconnect and closed, and everything left after the grace destroyed. `/livez`, `/readyz` and `/metrics` continue
   * until `end`.
   */
  stop(): Promise<void>
  /** The last step of a stop: closes the operations port. */
  end(): Promise<void>
}

export function createListeners(config: ListenersConfig, options: ListenersOptions): Listeners {
  const { host, port, opsHost, opsPort } = config
  const { log, app, sockets, tryFastPath } = options
  const [contradiction] = listenerContradictions(config)
  if (contradiction !== undefined) throw new ConfigurationError(contradiction)
  const countLimited = createLimitedCounter(options.metrics)
  const shedder = createLoadShedder(config.eventLoopLagMsMax)
  const guard = createRequestGuard({ ...config, shedder, countLimited })
  const limits = createConnectionLimits({ ...config, connectionsMax: connectionsMaxOf(config, log) }, countLimited)
  gaugeConnections(options.metrics, limits.count)
  let listening: Listening | undefined
  let operating: Listening | undefined
  let isStopping = false
  const url = () => listening?.url ?? ''
  const operations = createOperationsApp({
    ...options,
    serverUrl: url,
    isStopping: () => isStopping,
  })
  function createUpgrade(sockets: SocketServer): UpgradeHandler {
    return function upgradeUnlessOverloaded(request, socket, head) {
      if (shedder.isOverloaded()) sockets.reject(request, socket, overloaded(countLimited))
      else sockets.upgrade(request, socket, head)
    }
  }
  return {
    async start() {
      // Opens first, so that readiness is visible before the clients' port opens.
      operating = await listen({ fetch: operations.fetch, host: opsHost, port: opsPort, acceptorsMax: 1 })
      if (!(await becomeReady(checksToOpen(options)))) log.warn({}, 'port opens before all checks are ready')
      listening = await listen({
        fetch: app.fetch,
        host,
        port,
        connections: config,
        limits,
        countLimited,
        publicUrl: config.publicUrl,
        tryFastPath: (request, response) => guard(request, response) || tryFastPath?.(request, response) === true,
        ...(sockets !== undefined && { takesUpgrade: sockets.takes, onUpgrade: createUpgrade(sockets) }),
      })
      log.info({ url: listening.url, opsUrl: operating.url }, 'listening')
    },
    url,
    opsUrl: () => operating?.url ?? '',
    readiness: () => readReadiness({ ...options, isStopping: () => isStopping }),
    async stop() {
      isStopping = true
      // The listener closes first: no new client connects while the others are told to reconnect.
      await Promise.all([listening?.close(options.closeGraceMs), sockets?.close()])
    },
    async end() {
      await operating?.close(0)
    },
  }
}

function checksToOpen({ checks, opensWith }: ListenersOptions): HealthChecks {
  const names = opensWith ?? Object.keys(checks)
  return Object.fromEntries(Object.entries(checks).filter(([name]) => names.includes(name)))
}

/** Returns the configured bound, or what the open-files limit allows. */
function connectionsMaxOf({ connectionsMax }: ListenersConfig, log: Logger): number {
  const fit = effectiveConnectionsMax()
  if (connectionsMax !== 0 && connectionsMax <= fit) return connectionsMax
  if (fit === Number.POSITIVE_INFINITY) return connectionsMax
  log.warn({ connectionsMax, fit }, 'connections bounded by the open-files limit')
  return Math.max(1, fit)
}

function gaugeConnections(metrics: Registry, count: () => number): void {
  new Gauge({
    name: 'floodgate_connections',
    help: 'Open connections of clients, including sockets',
    registers: [metrics],
    collect() {
      this.set(count())
    },
  })
}
