import { type Client, createClient, createSend } from '@floodgate/client'
import type { RouteContract } from '@floodgate/contracts'
import type { AppName } from '../system/names.ts'
import type { Apps } from './find-apps.ts'

/** Time limit of long work: an erasure, the money check. */
const RESPONSE_MS_MAX = 300_000

/** Calls the routes of one app as the operator. */
export function createAppClient<Routes extends Readonly<Record<string, RouteContract>>>(
  { urls, adminToken }: Apps,
  { app, routes, fetch = globalThis.fetch }: { app: AppName; routes: Routes; fetch?: typeof globalThis.fetch },
): Client<Routes> {
  return createClient(routes, {
    send: createSend({ urls: [urls[app] ?? ''], msMax: RESPONSE_MS_MAX, fetch }),
    adminToken,
  })
}
