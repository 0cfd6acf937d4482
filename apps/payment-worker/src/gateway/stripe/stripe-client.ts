import { AsyncLocalStorage } from 'node:async_hooks'
import Stripe from 'stripe'
import type { Lane } from '../pace/pace-store.ts'
import { type createResilience, ProviderBusy, ProviderFailure } from '../resilience.ts'

export interface StripeAddress {
  readonly url: string
  readonly secretKey: string
}

/** The signal of the call in progress: the library has no parameter for it. */
const inCall = new AsyncLocalStorage<AbortSignal>()

/**
 * Creates the library's client. It repeats nothing by itself, sends no telemetry, and calls the configured host alone. A
 * call inside `callStripe` ends with its signal.
 */
export function createStripeClient({ url, secretKey }: StripeAddress): Stripe {
  const { protocol, hostname, port } = new URL(url)
  const isPlain = protocol === 'http:'
  return new Stripe(secretKey, {
    host: hostname,
    port: port === '' ? (isPlain ? 80 : 443) : Number(port),
    protocol: isPlain ? 'http' : 'https',
    maxNetworkRetries: 0,
    telemetry: false,
    httpClient: Stripe.createFetchHttpClient(function fetchWithSignal(...[input, init]: Parameters<typeof fetch>) {
      const signals = [init?.signal, inCall.getStore()].filter((signal) => signal != null)
      return fetch(input, { ...init, redirect: 'manual', signal: AbortSignal.any(signals) })
    }),
  })
}

/** The header of a response that Stripe stored for an idempotency key. */
const REPLAYED = 'idempotent-replayed'

interface Responded {
  readonly lastResponse: { readonly headers: unknown; readonly statusCode: number }
}

/**
 * Returns a header of the response that a value came with; null where it has none. Over `fetch` the library keeps the
 * response itself, whose headers are no plain object, whatever the types say.
 */
export function headerOf({ lastResponse }: Responded, name: string): string | null {
  return new Headers(lastResponse.headers as Headers).get(name)
}

/** What Stripe said to a call that it understood. */
export type Said<Value> =
  /** `isStored`: the value is as it was when the key was first used. */
  { readonly kind: 'done'; readonly value: Value; readonly isStored: boolean } | Rejected

export interface Rejected {
  readonly kind: 'rejected'
  readonly status: number
  readonly error: InstanceType<typeof Stripe.errors.StripeError>
  /**
   * The response that Stripe stored for the idempotency key: the call with that key is over, and the same key will
   * always get it (docs.stripe.com/api/idempotent_requests).
   */
  readonly isStored: boolean
}

/** `lane`: the call changes something, and is paced. */
export type CallStripe = <Value extends Responded>(
  make: () => Promise<Value>,
  signal: AbortSignal,
  lane?: Lane,
) => Promise<Said<Value>>

/**
 * Makes calls behind time-out, retry and breaker. A rejection is a value. Throws what may succeed later: no response,
 * 5xx, 429, and a key that Stripe does not accept, which an operator has to correct.
 */
export function createCallStripe(resilience: ReturnType<typeof createResilience>): CallStripe {
  return function callStripe<Value extends Responded>(
    make: () => Promise<Value>,
    signal: AbortSignal,
    lane?: Lane,
  ): Promise<Said<Value>> {
    return resilience.run(
      (callSignal) =>
        inCall.run(callSignal, async (): Promise<Said<Value>> => {
          try {
            const value = await make()
            const { statusCode } = value.lastResponse
            // The library takes JSON without an error for a success, whatever its status: that of a proxy, for example.
            if (statusCode >= 400) throw new ProviderFailure(`Stripe (${statusCode}): no error in the response`)
            return { kind: 'done', value, isStored: headerOf(value, REPLAYED) === 'true' }
          } catch (error) {
            return rejectionOf(error)
          }
        }),
      signal,
      lane,
    )
  }
}

/** Tells whether the key was used with other parameters, as by a charge where this is its closing. */
export function isOtherRequest({ status, error }: Rejected): boolean {
  return status === 400 && error.rawType === 'idempotency_error'
}

const NOT_NOW = new Set([401, 403])

function rejectionOf(error: unknown): Rejected {
  if (!(error instanceof Stripe.errors.StripeError)) throw error
  const { statusCode: status, headers = {} } = error
  const isStored = headers[REPLAYED] === 'true'
  if (status === 429) throw new ProviderBusy(headers['retry-after'])
  if (status === undefined || NOT_NOW.has(status) || (status >= 500 && !isStored)) throw failureOf(error)
  return { kind: 'rejected', status, error, isStored }
}

/** Keeps the network's error as the cause: it says whether the call left this machine. */
function failureOf(error: InstanceType<typeof Stripe.errors.StripeError>): ProviderFailure {
  const { detail, statusCode } = error
  const cause = detail instanceof Error ? (detail.cause ?? detail) : undefined
  const status = statusCode === undefined ? '' : ` (${statusCode})`
  return new ProviderFailure(`Stripe${status}: ${error.message}`, { cause })
}
