import { z } from 'zod'
import { createCallJson, type JsonResponse } from '../http-json.ts'
import type { Lane } from '../pace/pace-store.ts'
import type { BreakerState, Unavailable } from '../payment-gateway.ts'
import {
  createResilience,
  ProviderBusy,
  ProviderFailure,
  type ResilienceOptions,
  unavailableOf,
} from '../resilience.ts'

/** A page of 5,000 transactions is some 2 MB. */
const RESPONSE_BYTES_MAX = 8 * 1024 * 1024
const DETAIL_LENGTH_MAX = 200

const failureBody = z.object({ code: z.string(), message: z.string().optional() })

/** The provider's response to one call. */
export type TossResponse =
  | { readonly kind: 'ok'; readonly body: unknown }
  /** An error object. `status` 5xx does not exclude that the call took effect. */
  | { readonly kind: 'failed'; readonly status: number; readonly code: string; readonly detail: string }
  | Unavailable

type Failed = Extract<TossResponse, { kind: 'failed' }>

export interface TossCall {
  readonly body: object
  /** The provider stores its first response under it for 15 days, errors included. */
  readonly idempotencyKey: string
}

export interface TossClient {
  get(path: string, signal: AbortSignal): Promise<TossResponse>
  post(path: string, call: TossCall, signal: AbortSignal): Promise<TossResponse>
  breakerState(): BreakerState
  onBreakerChange(listener: (state: BreakerState) => void): void
}

/** The code of a call that came too soon after others. Nothing happened. */
const TOO_SOON = 'FORBIDDEN_CONSECUTIVE_REQUEST'

class TossBusy extends ProviderBusy {
  readonly response: Failed
  constructor(response: Failed) {
    super(undefined)
    this.response = response
  }
}

/** A failure of the provider that it gave a code. */
class TossFailure extends ProviderFailure {
  readonly response: Failed
  constructor(response: Failed) {
    super(response.detail)
    this.response = response
  }
}

/**
 * Returns the header with the secret key as the user, without a password
 * (https://docs.tosspayments.com/reference/using-api/authorization).
 */
export function tossAuthorization(secretKey: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${secretKey}:`).toString('base64')}` }
}

/** Reads an error object. Undefined for any other body. */
export function tossFailureOf({ status, body }: JsonResponse): Failed | undefined {
  const parsed = failureBody.safeParse(body)
  if (!parsed.success) return undefined
  const { code, message = '' } = parsed.data
  return { kind: 'failed', status, code, detail: `${code}: ${message}`.slice(0, DETAIL_LENGTH_MAX) }
}

/** Speaks the HTTP protocol of Toss Payments (API version 2022-11-16) behind time-out, retry and circuit breaker. */
export function createTossClient(options: {
  readonly url: string
  readonly secretKey: string
  readonly resilience: ResilienceOptions
}): TossClient {
  const resilience = createResilience(options.resilience)
  const callJson = createCallJson()
  // Error messages go into records and logs.
  const shared = { ...tossAuthorization(options.secretKey), 'accept-language': 'en-US' }

  async function call(path: string, request: TossCall | undefined, signal: AbortSignal): Promise<TossResponse> {
    const send = async (attempt: AbortSignal): Promise<TossResponse> =>
      usable(
        await callJson(new URL(path, options.url), {
          ...(request === undefined
            ? { method: 'GET', headers: shared }
            : { method: 'POST', headers: headersOf(request), body: JSON.stringify(request.body) }),
          signal: attempt,
          responseBytesMax: RESPONSE_BYTES_MAX,
        }),
      )
    try {
      return await resilience.run(send, signal, request === undefined ? undefined : laneOf(path))
    } catch (error) {
      return error instanceof TossFailure || error instanceof TossBusy ? error.response : unavailableOf(error)
    }
  }
  function headersOf({ idempotencyKey }: TossCall): Record<string, string> {
    return { ...shared, 'content-type': 'application/json', 'idempotency-key': idempotencyKey }
  }

  return {
    get: (path, signal) => call(path, undefined, signal),
    post: (path, request, signal) => call(path, request, signal),
    breakerState: resilience.state,
    onBreakerChange: resilience.onChange,
  }
}

/** Refunds can wait. */
function laneOf(path: string): Lane {
  return path.endsWith('/cancel') ? 'rest' : 'charge'
}

/** Returns what a repetition would not change; throws what counts against the provider. */
function usable(response: JsonResponse): TossResponse {
  const failed = tossFailureOf(response)
  const { status, body } = response
  if (status === 429) throw new ProviderBusy(response.retryAfter)
  if (status >= 500)
    throw failed === undefined ? new ProviderFailure(`the provider responded with ${status}`) : new TossFailure(failed)
  if (status === 200 && body !== undefined) return { kind: 'ok', body }
  if (failed?.code === TOO_SOON) throw new TossBusy(failed)
  if (failed === undefined) throw new ProviderFailure(`unknown response with status ${status}`)
  return failed
}
