import type { ProblemBody, ProblemCode } from '@floodgate/contracts'

export interface ProblemItem {
  readonly sku: string
  readonly available?: number
  readonly soldOut?: boolean
  readonly priceMinor?: number
}

/** A problem as a page needs it: what it is, its text, when to retry. */
export interface Problem {
  readonly code: ProblemCode
  readonly status: number
  /** The fault, in the language of the page; undefined for a proxy's error page. */
  readonly title: string | undefined
  /** In English, for operators. */
  readonly detail: string
  readonly retryAfterMs: number | undefined
  /** The same request may succeed later. */
  readonly retryable: boolean
  /** The server states that the same request never succeeds, whatever its status says. */
  readonly hopeless: boolean
  /** `sold-out`: everything of at least one item is sold, not just held. */
  readonly final: boolean
  readonly skus: readonly string[]
  /**
   * What the server states about these items: `sold-out` the units left, `price-changed` the prices. Older servers name
   * none.
   */
  readonly items: readonly ProblemItem[]
  /** `price-changed`: the currency of the prices. */
  readonly currency: string | undefined
  /** `order-exists`: the address of that order. */
  readonly location: string | undefined
  readonly errors: readonly { readonly pointer: string; readonly message: string }[]
}

/** Parses `Retry-After` to milliseconds: seconds, or a date (RFC 9110 §10.2.3). */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null || header.trim() === '') return undefined
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []

const itemsOf = (value: unknown): ProblemItem[] =>
  Array.isArray(value) ? value.filter((each): each is ProblemItem => typeof each?.sku === 'string') : []

/**
 * Reads a problem. A proxy's error page has no problem body: its status alone decides, and 5xx is worth a repetition.
 */
export function readProblem(options: {
  status: number
  body: unknown
  retryAfter: string | null
  location: string | null
  nowMs: number
}): Problem {
  const body = (typeof options.body === 'object' && options.body !== null ? options.body : {}) as Partial<ProblemBody>
  const fallback: ProblemCode =
    options.status >= 500 ? 'unavailable' : options.status === 404 ? 'not-found' : 'invalid-request'
  return {
    code: body.code ?? fallback,
    status: options.status,
    title: typeof body.title === 'string' && body.title !== '' ? body.title : undefined,
    detail: body.detail ?? `The server returned ${options.status}.`,
    retryAfterMs: retryAfterMs(options.retryAfter, options.nowMs),
    final: body.final === true,
    retryable: body.retryable === true,
    hopeless: body.code !== undefined && body.retryable === false,
    skus: strings(body.skus),
    items: itemsOf(body.items),
    currency: typeof body.currency === 'string' ? body.currency : undefined,
    location: options.location ?? undefined,
    errors: Array.isArray(body.errors) ? body.errors : [],
  }
}

/** Tells whether a response says nothing about the request itself: retry later. */
export function isPassing({ status, hopeless }: Problem): boolean {
  return !hopeless && (status >= 500 || status === 429)
}
