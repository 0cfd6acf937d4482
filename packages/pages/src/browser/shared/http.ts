import type {
  notifierRoutes,
  orderCoreRoutes,
  paymentWorkerRoutes,
  RequestInput,
  ResponseBody,
  waitingRoomRoutes,
} from '@floodgate/contracts'
import { type Problem, readProblem } from './problem.ts'
import { pageLanguage } from './texts.ts'

export type Reply<Body> =
  | { readonly kind: 'success'; readonly body: Body; readonly status: number; readonly etag?: string }
  | { readonly kind: 'rejected'; readonly problem: Problem }
  /** No response at all: offline, or no server. */
  | { readonly kind: 'unreachable' }

const REPLY_MS_MAX = 15_000

type ValueOf<Members> = Members[keyof Members]
type Declared =
  | ValueOf<typeof waitingRoomRoutes>
  | ValueOf<typeof orderCoreRoutes>
  | ValueOf<typeof paymentWorkerRoutes>
  | ValueOf<typeof notifierRoutes>

/** Routes by name, such as `POST /sales/{sale}/tickets`. Only types: the contracts check requests here, and no browser loads them. */
type Routes = { [Route in Declared as `${Uppercase<Route['method']>} ${Route['path']}`]: Route }
type SuccessBody<Route extends Declared> = ResponseBody<Route, keyof Route['responses'] & (200 | 201 | 204)>

export interface Ask {
  /** The URL of another app. Default: the app that serves this page. */
  readonly app?: string
  readonly bearer?: string | undefined
  readonly key?: string
  /** The ID token of the shop, for joining. */
  readonly idToken?: string | undefined
  /** The version to replace; `none`: there is none yet. */
  readonly replaces?: string
  readonly signal?: AbortSignal | undefined
  /** Time limit of long work; default 15 s. */
  readonly msMax?: number
}
type Parts<Name extends keyof Routes> = Omit<RequestInput<Routes[Name]>, 'headers'>
interface AnyParts {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

/** Returns the URL of a route of this page's app or of another one. */
export function addressOf<Name extends keyof Routes>(name: Name, { app = '', ...parts }: Ask & Parts<Name>): string {
  const { params = {}, query } = parts as AnyParts
  const path = name
    .slice(name.indexOf(' ') + 1)
    .replace(/\{(\w+)\}/g, (_, each) => encodeURIComponent(params[each] ?? ''))
  return `${app}${path}${query === undefined ? '' : `?${new URLSearchParams(query as Record<string, string>)}`}`
}

const headersOf = ({ bearer, key, idToken, body, replaces }: Ask & AnyParts): Record<string, string> => ({
  // Titles of problems and the mails about an order are in the language of the page. Needs no preflight (CORS-safelisted).
  'accept-language': pageLanguage(),
  ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
  ...(key === undefined ? {} : { 'idempotency-key': key }),
  ...(idToken === undefined ? {} : { 'floodgate-identity': idToken }),
  ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  ...(replaces === undefined ? {} : replaces === 'none' ? { 'if-none-match': '*' } : { 'if-match': replaces }),
})

const readJson = async (response: Response): Promise<unknown> => {
  try {
    return await response.json()
  } catch {
    return undefined // A proxy's error page, or no body at all: the status says enough.
  }
}

/** Requests JSON from an app of Floodgate. Never throws: rejections and silence are replies, too. */
export async function ask<Name extends keyof Routes>(
  name: Name,
  options: Ask & Parts<Name>,
): Promise<Reply<SuccessBody<Routes[Name]>>> {
  const asked: Ask & AnyParts = options
  const limit = AbortSignal.timeout(asked.msMax ?? REPLY_MS_MAX)
  try {
    const response = await fetch(addressOf(name, options), {
      method: name.slice(0, name.indexOf(' ')),
      headers: headersOf(asked),
      body: asked.body === undefined ? null : JSON.stringify(asked.body),
      // The cookie belongs to this page's own host; other apps identify the buyer by the admission alone.
      credentials: 'same-origin',
      cache: 'no-cache',
      signal: options.signal ? AbortSignal.any([options.signal, limit]) : limit,
    })
    const body = await readJson(response)
    const etag = response.headers.get('etag')
    if (response.ok)
      return {
        kind: 'success',
        body: body as SuccessBody<Routes[Name]>,
        status: response.status,
        ...(etag === null ? {} : { etag }),
      }
    const problem = readProblem({
      status: response.status,
      body,
      retryAfter: response.headers.get('retry-after'),
      location: response.headers.get('location'),
      nowMs: Date.now(),
    })
    return { kind: 'rejected', problem }
  } catch {
    return { kind: 'unreachable' }
  }
}
