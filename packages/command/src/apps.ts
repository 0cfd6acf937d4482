import { type Client, createClient, createSend, type Send, type SendOptions, sendPatiently } from '@floodgate/client'
import {
  isLongWork,
  notifierRoutes,
  orderCoreRoutes,
  paymentWorkerRoutes,
  type RouteContract,
  waitingRoomRoutes,
} from '@floodgate/contracts'
import { NoResponse } from './no-response.ts'
import type { AppName, Apps } from './settings.ts'
import { UsageError } from './usage-error.ts'

/** Apps reject other work of operators as late after 4.5 s: one without a response by now is mute. */
const RESPONSE_MS_MAX = 15_000
/** Time limit of long work: an erasure, the money check, the audit of a ledger. */
const LONG_RESPONSE_MS_MAX = 300_000
/** No `Retry-After`, as of a proxy, makes the command wait for longer than a person would. */
const PATIENCE = { attemptsMax: 5, msMax: 300_000, pauseMsMax: 10_000 }

/** Calls the apps as the operator. A method throws {@link UsageError} where the command was given no URL of its app. */
export interface AppClients {
  rooms(): Client<typeof waitingRoomRoutes>
  /** Calls the waiting room without repeating a request: for those that would do their work twice. */
  roomsOnce(): Client<typeof waitingRoomRoutes>
  cores(): Client<typeof orderCoreRoutes>
  workers(): Client<typeof paymentWorkerRoutes>
  notifiers(): Client<typeof notifierRoutes>
  /** Calls routes that several apps have. */
  of<Routes extends Readonly<Record<string, RouteContract>>>(app: AppName, routes: Routes): Client<Routes>
  /** The apps with a URL. */
  names(): readonly AppName[]
}

export type FetchFrom = typeof globalThis.fetch

export interface AppClientOptions<Routes> {
  readonly app: AppName
  readonly routes: Routes
  readonly fetch?: FetchFrom
  /** Whether a request is sent once, whatever the response is. Default: 503 is repeated. */
  readonly isOnce?: boolean
}

/** Calls the routes of one app as the operator. */
export function createAppClient<Routes extends Readonly<Record<string, RouteContract>>>(
  { urls, adminToken }: Apps,
  { app, routes, fetch = globalThis.fetch, isOnce = false }: AppClientOptions<Routes>,
): Client<Routes> {
  const url = urls[app]
  if (url === undefined) throw new UsageError(`The command needs the URL of the ${app} (floodgate help).`)
  const send = naming(app, url, byLength({ urls: [url], fetch }))
  return createClient(routes, { send: isOnce ? send : sendPatiently(send, PATIENCE), adminToken })
}

export function createAppClients(apps: Apps, fetch: FetchFrom = globalThis.fetch): AppClients {
  return {
    rooms: () => createAppClient(apps, { app: 'waiting-room', routes: waitingRoomRoutes, fetch }),
    roomsOnce: () => createAppClient(apps, { app: 'waiting-room', routes: waitingRoomRoutes, fetch, isOnce: true }),
    cores: () => createAppClient(apps, { app: 'order-core', routes: orderCoreRoutes, fetch }),
    workers: () => createAppClient(apps, { app: 'payment-worker', routes: paymentWorkerRoutes, fetch }),
    notifiers: () => createAppClient(apps, { app: 'notifier', routes: notifierRoutes, fetch }),
    of: (app, routes) => createAppClient(apps, { app, routes, fetch }),
    names: () => Object.keys(apps.urls) as AppName[],
  }
}

/** Waits longer for long work than for the rest. */
function byLength(options: Pick<SendOptions, 'urls' | 'fetch'>): Send {
  const short = createSend({ ...options, msMax: RESPONSE_MS_MAX })
  const long = createSend({ ...options, msMax: LONG_RESPONSE_MS_MAX })
  return function sendByLength(method, path, outgoing) {
    return (isLongWork(method, path.replace(/\?.*$/, '')) ? long : short)(method, path, outgoing)
  }
}

/** Names the app that gives no response. */
function naming(app: string, url: string, send: Send): Send {
  return async function sendTo(...request) {
    try {
      return await send(...request)
    } catch (cause) {
      const why = cause instanceof Error ? String(cause.cause ?? cause.message) : String(cause)
      throw new NoResponse(`The ${app} does not respond at ${url}: ${why}`, { cause })
    }
  }
}
