import { type Problem, readProblem } from './problem.ts'
import { pageLanguage } from './texts.ts'

export type Answer<Body> =
  | { readonly kind: 'answer'; readonly body: Body; readonly status: number; readonly etag?: string }
  | { readonly kind: 'refused'; readonly problem: Problem }
  /** No answer at all: offline, or nobody there. */
  | { readonly kind: 'unreachable' }

const ANSWER_WITHIN_MS = 15_000

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly bearer?: string | undefined
  readonly key?: string
  readonly body?: unknown
  /** The version that is to be replaced; `none`: there is none yet. */
  readonly replaces?: string
  readonly signal?: AbortSignal | undefined
}

const headersOf = ({ bearer, key, body, replaces }: Ask): Record<string, string> => ({
  // Titles of refusals and the mails about an order are in the language of the page. It needs no preflight (CORS-safelisted).
  'accept-language': pageLanguage(),
  ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
  ...(key === undefined ? {} : { 'idempotency-key': key }),
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

/** Asks one of our servers for JSON. Never throws: refusals and silence are answers like others. */
export async function ask<Body>(url: string, options: Ask = {}): Promise<Answer<Body>> {
  const limit = AbortSignal.timeout(ANSWER_WITHIN_MS)
  try {
    const response = await fetch(url, {
      method: options.method ?? 'GET',
      headers: headersOf(options),
      body: options.body === undefined ? null : JSON.stringify(options.body),
      // The cookie belongs to this page's own host; other apps know the buyer by the pass alone.
      credentials: 'same-origin',
      cache: 'no-cache',
      signal: options.signal ? AbortSignal.any([options.signal, limit]) : limit,
    })
    const body = await readJson(response)
    const etag = response.headers.get('etag')
    if (response.ok)
      return { kind: 'answer', body: body as Body, status: response.status, ...(etag === null ? {} : { etag }) }
    const problem = readProblem({
      status: response.status,
      body,
      retryAfter: response.headers.get('retry-after'),
      location: response.headers.get('location'),
      nowMs: Date.now(),
    })
    return { kind: 'refused', problem }
  } catch {
    return { kind: 'unreachable' }
  }
}
