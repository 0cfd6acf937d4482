import {
  type AnyResponse,
  createClient as createRouteClient,
  createSend,
  type Client as RouteClient,
  type Send,
  sendPatiently,
} from '@floodgate/client'
import {
  type DeadLetter,
  type DeadLetterGroups,
  type DeadLetterPage,
  type DeadLettersDropped,
  type DeadLettersReplayed,
  deadLetterRoutes,
} from '@floodgate/contracts'
import type { Apps } from '../operator/find-apps.ts'

/** Longer than an app takes to respond with 503. */
const RESPONSE_MS_MAX = 20_000
const PATIENCE = { attemptsMax: 5, msMax: 300_000 }

/** Calls the dead-letter routes of all apps. Every method throws a message for the operator. */
export interface Client {
  groups(): Promise<DeadLetterGroups['groups']>
  page(group: string, query: { order: 'newest' | 'oldest'; cursor?: string | undefined }): Promise<DeadLetterPage>
  read(group: string, id: string): Promise<DeadLetter | undefined>
  replay(group: string, ids: readonly string[]): Promise<DeadLettersReplayed & Sent>
  drop(group: string, ids: readonly string[]): Promise<DeadLettersDropped & Sent>
}

interface Sent {
  /** An earlier request got 503: its work continued, and may be done. */
  readonly repeated: boolean
}

type AppClient = RouteClient<typeof deadLetterRoutes>
type Success<Response> = Extract<Response, { readonly kind: 'success' }>

export function createClient({ urls, adminToken }: Apps, fetch: typeof globalThis.fetch = globalThis.fetch): Client {
  const apps = Object.entries(urls).map(([app, url]): [string, AppClient] => {
    const send = naming(app, url, createSend({ urls: [url], msMax: RESPONSE_MS_MAX, fetch }))
    return [app, createRouteClient(deadLetterRoutes, { send: sendPatiently(send, PATIENCE), adminToken })]
  })
  const clients = new Map(apps)

  /** Returns undefined for 404. Repeats a 503: all of the routes are safe to repeat. */
  async function ask<Response extends AnyResponse>(app: string, call: (client: AppClient) => Promise<Response>) {
    const client = clients.get(app)
    if (client === undefined) throw new Error(`no app consumes as ${app}.…: known are ${Object.keys(urls).join(', ')}`)
    const response = await call(client)
    if (response.kind === 'success') return response as Success<Response>
    if (response.status === 404) return undefined
    throw new Error(`${app} responded with ${response.status}: ${response.problem.code}, ${response.problem.detail}`)
  }
  async function askOfGroup<Response extends AnyResponse>(
    group: string,
    call: (client: AppClient) => Promise<Response>,
  ): Promise<Success<Response>> {
    const response = await ask(appOf(group), call)
    if (response === undefined) throw new Error(`no group ${group}; list shows all groups`)
    return response
  }
  return {
    async groups() {
      const all = await Promise.all(apps.map(([app]) => ask(app, (client) => client.countDeadLetters())))
      return all.flatMap((response) => response?.body.groups ?? [])
    },
    async page(group, query) {
      return (await askOfGroup(group, (client) => client.listDeadLetters({ params: { group }, query }))).body
    },
    async read(group, id) {
      return (await ask(appOf(group), (client) => client.readDeadLetter({ params: { group, id } })))?.body
    },
    async replay(group, ids) {
      const request = { params: { group }, body: { ids } }
      const { body, attempts } = await askOfGroup(group, (client) => client.replayDeadLetters(request))
      return { ...body, repeated: attempts > 1 }
    },
    async drop(group, ids) {
      const request = { params: { group }, body: { ids } }
      const { body, attempts } = await askOfGroup(group, (client) => client.dropDeadLetters(request))
      return { ...body, repeated: attempts > 1 }
    },
  }
}

/** Names the app that gives no response. */
function naming(app: string, url: string, send: Send): Send {
  return async function sendTo(...request) {
    try {
      return await send(...request)
    } catch (cause) {
      const why = cause instanceof Error ? String(cause.cause ?? cause.message) : String(cause)
      throw new Error(`${app} does not respond at ${url}: ${why}`, { cause })
    }
  }
}

const appOf = (group: string): string => group.split('.', 1)[0] ?? ''
