import { type OrderHistory, orderCoreRoutes } from '@floodgate/contracts'
import { type Account, buyerOfAccount } from '@floodgate/contracts/account'
import { CountBreaker, circuitBreaker, handleWhen } from 'cockatiel'
import { createClient } from './client.ts'
import { bodyOf, UnexpectedResponse } from './responses.ts'
import { createSend, type Send } from './send.ts'
import { sendPatiently } from './send-patiently.ts'

/** The last calls that the breaker judges by. */
const CALLS_JUDGED = 10
/** It opens once half of them failed: cockatiel opens above its threshold. */
const FAILED_SHARE_MAX = 0.49
const OPEN_MS = 5_000
/** A page of the shop waits for it. */
const ANSWER_MS_MAX = 1_000
/** A connection that was idle may be closed while it is used again. */
const CONNECTIONS_TRIED_MIN = 2

/** `degraded`: the order core gave no answer, so the list says nothing about the customer's orders. */
export type ShownHistory =
  | (OrderHistory & { readonly degraded: false })
  | { readonly orders: readonly []; readonly next: null; readonly degraded: true }

const DEGRADED: ShownHistory = { orders: [], next: null, degraded: true }

export interface OrderHistoryOptions {
  /** The order core's replicas. */
  readonly urls: readonly string[]
  readonly shopToken: string
  /** Time limit of one call, whichever replicas it tries. Default 1,000. */
  readonly msMax?: number
  /** How long no call is made once the breaker is open. Default 5,000. */
  readonly openMs?: number
  /** Called for every failed call, not for those that the open breaker saved. */
  onFailure?(error: unknown): void
}

export interface HistoryRequest extends Account {
  /** The `next` of the page before. */
  readonly after?: string
  /** 1 to 100. Default 20. */
  readonly limit?: number
}

/**
 * Reads a customer's orders for a page of the shop; never throws, and waits `msMax` at most, or twice that behind the
 * call that tries whether the core is back. While the order core is down or slow the page gets an empty list marked as
 * degraded. Once half of the last ten calls failed, none is made for `openMs`; then one tries. A request that the core
 * rejects, such as one with an `after` from an edited address, gets the same list and closes the page to nobody else. A
 * call whose connection fails goes on to the next replica: one that died must not close the page.
 */
export type ReadOrderHistory = (request: HistoryRequest) => Promise<ShownHistory>

export function createOrderHistory(options: OrderHistoryOptions): ReadOrderHistory {
  const { urls, shopToken, msMax = ANSWER_MS_MAX, openMs = OPEN_MS, onFailure } = options
  const core = createClient(orderCoreRoutes, { send: sendToAny(urls, msMax), adminToken: shopToken })
  const breaker = circuitBreaker(
    handleWhen((error) => !isRejection(error)),
    {
      halfOpenAfter: openMs,
      breaker: new CountBreaker({
        size: CALLS_JUDGED,
        threshold: FAILED_SHARE_MAX,
        minimumNumberOfCalls: CALLS_JUDGED,
      }),
    },
  )
  breaker.onFailure(({ reason }) => onFailure?.('error' in reason ? reason.error : reason))

  return async function readOrderHistory({ issuer, subject, ...query }) {
    const params = { buyer: buyerOfAccount({ issuer, subject }) }
    const read = () => core.readOrderHistory({ params, query, signal: AbortSignal.timeout(msMax) })
    try {
      const history = await breaker.execute(() => bodyOf(read()))
      return { ...history, degraded: false }
    } catch {
      return DEGRADED
    }
  }
}

/**
 * Returns a `Send` that begins with the replicas in turn, and goes on from there: after its own first replica, since calls
 * beside it take their turns as well.
 */
function sendToAny(urls: readonly string[], msMax: number): Send {
  const replicas = urls.map((url) => createSend({ urls: [url], msMax }))
  const patience = {
    ...{ msMax, attemptsMax: Math.max(CONNECTIONS_TRIED_MIN, urls.length), statuses: [], pauseMsMax: 0 },
    isRetriable: hasNoConnection,
  }
  let begun = 0
  return async function sendToAny(...request) {
    begun += 1
    let turn = begun
    function sendToNext(...again: Parameters<Send>): ReturnType<Send> {
      turn += 1
      const replica = replicas[turn % replicas.length]
      return replica === undefined
        ? Promise.reject(new TypeError('There is no URL of an order core.'))
        : replica(...again)
    }
    return sendPatiently(sendToNext, patience)(...request)
  }
}

/** `fetch` rejects so when the connection was refused or broke. A time-out is a `DOMException`. */
function hasNoConnection(error: unknown): boolean {
  return error instanceof TypeError
}

const TOO_MANY_REQUESTS = 429

function isRejection(error: unknown): boolean {
  if (!(error instanceof UnexpectedResponse)) return false
  const { status } = error.received
  return status >= 400 && status < 500 && status !== TOO_MANY_REQUESTS
}
