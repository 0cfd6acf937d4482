import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Registry } from 'prom-client'
import type { Logger } from '../logger.ts'
import { ConfigurationError } from '../refusal.ts'
import type { SocketServer } from '../sockets/socket-server.ts'
import type { HealthChecks } from './health-routes.ts'
import type { TakeRequest } from './hot-routes.ts'
import { type Listening, listen } from './listen.ts'
import { createOperationsApp } from './operations.ts'

export interface ListenersConfig {
  readonly host: string
  readonly port: number
  readonly opsHost: string
  readonly opsPort: number
}

export interface ListenersOptions {
  readonly log: Logger
  readonly metrics: Registry
  readonly app: OpenAPIHono
  readonly takeRequest?: TakeRequest
  readonly sockets?: SocketServer
  /** Of the OpenAPI document. */
  readonly title: string
  readonly description: string
  readonly checks: HealthChecks
  readonly reports?: HealthChecks
  /** How long running requests may take to end after `stop`. */
  readonly closeGraceMs: number
}

/** The two listeners of an app: the port of its clients, and the operations port. */
export interface Listeners {
  start(): Promise<void>
  /** Empty until they listen. */
  url(): string
  opsUrl(): string
  /**
   * The first half of a stop: not ready from now on, the clients' port closed, upgrades refused, sockets told and closed,
   * and what is left after the grace destroyed. `/livez`, `/readyz` and `/metrics` go on until `end`.
   */
  stop(): Promise<void>
  /** The last step of a stop: closes the operations port. */
  end(): Promise<void>
}

export function createListeners(config: ListenersConfig, options: ListenersOptions): Listeners {
  const { host, port, opsHost, opsPort } = config
  const { log, app, sockets, takeRequest } = options
  if (port === opsPort && port !== 0) throw new ConfigurationError(`PORT and OPS_PORT are both ${port}.`)
  let listening: Listening | undefined
  let operating: Listening | undefined
  let isStopping = false
  const url = () => listening?.url ?? ''
  const operations = createOperationsApp({
    ...options,
    documentOf: app,
    serverUrl: url,
    isStopping: () => isStopping,
  })
  return {
    async start() {
      // First: whoever sees the other port open can ask whether this process is ready.
      operating = await listen({ fetch: operations.fetch, host: opsHost, port: opsPort, acceptorsMax: 1 })
      listening = await listen({
        fetch: app.fetch,
        host,
        port,
        ...(takeRequest !== undefined && { takeRequest }),
        ...(sockets !== undefined && { onUpgrade: sockets.upgrade }),
      })
      log.info({ url: listening.url, opsUrl: operating.url }, 'listening')
    },
    url,
    opsUrl: () => operating?.url ?? '',
    async stop() {
      isStopping = true
      // The listener closes first: nobody connects to a process that is telling others to go.
      await Promise.all([listening?.close(options.closeGraceMs), sockets?.close()])
    },
    async end() {
      await operating?.close(0)
    },
  }
}
