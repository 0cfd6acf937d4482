import type { OrderResource } from '@floodgate/contracts'
import type { OrderProblem } from '../buyer/view-state.ts'
import { follow } from '../shared/follow.ts'
import { addressOf, ask } from '../shared/http.ts'
import { isPassing, type Problem } from '../shared/problem.ts'
import { type Waker, waitFor } from '../shared/wait.ts'

const SECOND = 1_000
const PENDING_MS = 2 * SECOND
const ENDED_MS = 15 * SECOND
const RETRY_MS = 3 * SECOND

export interface Reading {
  readonly sale: string
  readonly order: string
  readonly orderCoreUrl: string
  readonly notifierUrl: string
  readonly waker: Waker
  readonly signal: AbortSignal
  /** Tells whether news by the socket leave out something that the page shows. */
  needsRead(order: OrderResource): boolean
  /** Called with the order, now and on each change. `reader`: what it was read with. `live`: by the socket. */
  onOrder(order: OrderResource, how: { readonly reader: string; readonly live: boolean }): void
  onLink(up: boolean): void
  onRejected(why: OrderProblem): void
  /** Called when the mail's link is no longer valid. */
  onKeyRejected(): void
}

const whyOf = ({ code }: { readonly code: string }): OrderProblem => {
  if (code === 'link-expired') return 'link-expired'
  if (code === 'order-gone') return 'gone'
  return 'link-invalid'
}

/** Follows the order with this token until it is rejected; resolves to the rejection. A mail's link has no socket. */
async function followWith(reading: Reading, reader: string, hasSocket: boolean): Promise<Problem | undefined> {
  const params = { id: reading.order }
  let rejection: Problem | undefined
  await follow<OrderResource>({
    ...(hasSocket && {
      socket: { url: addressOf('GET /live/orders/{id}', { app: reading.notifierUrl, params }), token: reader },
    }),
    ask: (signal) => ask('GET /orders/{id}', { app: reading.orderCoreUrl, params, bearer: reader, signal }),
    pollAfterMs: ({ status }) => (status === 'pending' ? PENDING_MS : ENDED_MS),
    needsRead: reading.needsRead,
    onNews: (order, live) => {
      if (order.sale === reading.sale) reading.onOrder(order, { reader, live })
      else reading.onRejected('link-invalid')
    },
    onLink: reading.onLink,
    onRejected: (problem) => {
      rejection = problem
    },
    signal: reading.signal,
    waker: reading.waker,
  })
  return rejection
}

/** Returns an expired admission by the cookies of the browser that ordered; undefined when they name no buyer. */
async function endedPassOfBrowser({ sale, signal, waker, onLink }: Reading): Promise<string | undefined> {
  while (!signal.aborted) {
    const reply = await ask('GET /sales/{sale}/ended-pass', { params: { sale }, signal })
    if (reply.kind === 'success') return reply.body.admission
    if (reply.kind === 'rejected' && !isPassing(reply.problem)) return undefined
    onLink(false)
    await waitFor(RETRY_MS, { signal, waker })
  }
  return undefined
}

/**
 * Shows the order as long as it is readable: by the mail's link first, then by the cookies of the browser that ordered.
 */
export async function readOrder(reading: Reading, key: string | undefined): Promise<void> {
  let why: OrderProblem = 'nobody'
  if (key !== undefined) {
    const rejection = await followWith(reading, key, false)
    if (rejection !== undefined) {
      why = whyOf(rejection)
      reading.onKeyRejected()
    }
  }
  let endedPass: string | undefined
  while (!reading.signal.aborted) {
    const pass = await endedPassOfBrowser(reading)
    if (reading.signal.aborted) return
    // The same admission once more: by the clock of the order core it is too old from the beginning.
    if (pass === undefined || pass === endedPass) return reading.onRejected(why)
    const rejection = await followWith(reading, pass, true)
    // An admission lasts some hours: the next one continues. One that was rejected for another reason cannot read the
    // order.
    if (rejection !== undefined && rejection.code !== 'admission-expired') return reading.onRejected(why)
    endedPass = rejection === undefined ? undefined : pass
    await waitFor(RETRY_MS, { signal: reading.signal, waker: reading.waker })
  }
}
