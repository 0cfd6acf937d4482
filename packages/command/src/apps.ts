import { type Client, createClient, createSend, type Send, sendPatiently } from '@floodgate/client'
import {
  notifierRoutes,
  orderCoreRoutes,
  paymentWorkerRoutes,
  type RouteContract,
  waitingRoomRoutes,
} from '@floodgate/contracts'
import type { AppName, Apps } from './settings.ts'
import { UsageError } from './usage-error.ts'

/** Time limit of long work: an erasure, the money check. */
const RESPONSE_MS_MAX = 300_000
const PATIENCE = { attemptsMax: 5, msMax: 300_000 }

/** Calls the apps as the operator. A method throws {@link UsageError} where the command was given no URL of its app. */
export interface AppClients {
  rooms(): Client<typeof waitingRoomRoutes>
  cores(): Client<typeof orderCoreRoutes>
  workers(): Client<typeof paymentWorkerRoutes>
  notifiers(): Client<typeof notifierRoutes>
  /** Calls routes that several apps have. */
  of<Routes extends Readonly<Record<string, RouteContract>>>(app: AppName, routes: Routes): Client<Routes>
  /** The apps with a URL. */
  names(): readonly AppName[]
}

export type FetchFrom = typeof globalThis.fetch

/** Calls the routes of one app as the operator. */
export function createAppClient<Routes extends Readonly<Record<string, RouteContract>>>(
  { urls, adminToken }: Apps,
  { app, routes, fetch = globalThis.fetch }: { app: AppName; routes: Routes; fetch?: FetchFrom },
): Client<Routes> {
  const url = urls[app]
  if (url === undefined) throw new UsageError(`The command needs the URL of the ${app} (floodgate help).`)
  const send = naming(app, url, createSend({ urls: [url], msMax: RESPONSE_MS_MAX, fetch }))
  // All routes of operators can be repeated.
  return createClient(routes, { send: sendPatiently(send, PATIENCE), adminToken })
}

export function createAppClients(apps: Apps, fetch: FetchFrom = globalThis.fetch): AppClients {
  return {
    rooms: () => createAppClient(apps, { app: 'waiting-room', routes: waitingRoomRoutes, fetch }),
    cores: () => createAppClient(apps, { app: 'order-core', routes: orderCoreRoutes, fetch }),
    workers: () => createAppClient(apps, { app: 'payment-worker', routes: paymentWorkerRoutes, fetch }),
    notifiers: () => createAppClient(apps, { app: 'notifier', routes: notifierRoutes, fetch }),
    of: (app, routes) => createAppClient(apps, { app, routes, fetch }),
    names: () => Object.keys(apps.urls) as AppName[],
  }
}

/** Names the app that gives no response. */
function naming(app: string, url: string, send: Send): Send {
  return async function sendTo(...request) {
    try {
      return await send(...request)
    } catch (cause) {
      if (cause instanceof TypeError && cause.cause === undefined) throw cause
      const why = cause instanceof Error ? String(cause.cause ?? cause.message) : String(cause)
      throw new Error(`The ${app} does not respond at ${url}: ${why}`, { cause })
    }
  }
}
