import type { OrderResource } from '@floodgate/contracts'
import { follow } from '../shared/follow.ts'
import { addressOf, ask, type Reply } from '../shared/http.ts'
import { isPassing } from '../shared/problem.ts'
import { waitFor } from '../shared/wait.ts'
import { needsRead } from './order-news.ts'
import { isUp, type JobContext, pauseAfter, poll, type Work } from './poll.ts'

const SECOND = 1_000
const ORDER_EVERY_MS = 2 * SECOND
const ENDED_ORDER_EVERY_MS = 15 * SECOND
/** An order core fetches unknown keys again 10 s after the last time. */
const ADMISSION_RETRY_MS = 11 * SECOND

export async function placeOrder(...[job, context, signal]: Parameters<Work<'place-order'>>): Promise<void> {
  const { checkout } = context.model()
  if (checkout.kind !== 'placing') return
  const { draft, key } = checkout
  if (job.later) await waitFor(ADMISSION_RETRY_MS, { signal })
  let pass = job.admission
  await poll({
    request: () => {
      // A turn that was extended meanwhile has another admission.
      pass = context.model().admission ?? job.admission
      return ask('POST /orders', { app: context.orderCoreUrl, bearer: pass, key, body: draft })
    },
    onReply: (reply) => {
      if (reply.kind === 'success') context.dispatch({ kind: 'order', order: reply.body })
      else if (reply.kind === 'rejected')
        context.dispatch({ kind: 'order-rejected', problem: reply.problem, at: context.now(), pass })
      else context.dispatch({ kind: 'till', up: false, at: context.now() })
    },
    everyMs: SECOND,
    context,
    signal,
  })
}

export async function checkAdmission(...[{ ticket }, context, signal]: Parameters<Work<'check-pass'>>): Promise<void> {
  return poll({
    request: () => ask('GET /sales/{sale}/ticket', { params: context, bearer: ticket, signal }),
    onReply: (reply) => {
      context.dispatch({ kind: 'link', up: isUp(reply), at: context.now() })
      if (reply.kind === 'success') context.dispatch({ kind: 'pass-checked', status: reply.body, at: context.now() })
      if (reply.kind === 'rejected' && !isPassing(reply.problem))
        context.dispatch({ kind: 'pass-checked', status: undefined, at: context.now() })
    },
    everyMs: SECOND,
    context,
    signal,
  })
}

export function followOrder(...[job, context, signal]: Parameters<Work<'follow-order'>>): Promise<void> {
  return follow<OrderResource>({
    socket: {
      url: addressOf('GET /live/orders/{id}', { app: context.notifierUrl, params: { id: job.order } }),
      token: job.bearer,
    },
    ask: (inner) =>
      ask('GET /orders/{id}', {
        ...{ app: context.orderCoreUrl, params: { id: job.order }, bearer: job.bearer, signal: inner },
      }),
    pollAfterMs: (order) => (order.status === 'pending' ? ORDER_EVERY_MS : ENDED_ORDER_EVERY_MS),
    needsRead: (order) => needsRead(context.model(), order),
    onNews: (order, live) => context.dispatch({ kind: 'order', order, live }),
    onLink: (up) => context.dispatch({ kind: 'link', up, at: context.now() }),
    // The order core does not know it (any more), or the admission is a day old: another one may find it.
    onRejected: () => context.dispatch({ kind: 'order-lost' }),
    signal,
    waker: context.waker,
  })
}

/** Retries until the order core has decided: repeating a cancellation is safe. */
export function cancelOrder(...[{ order, bearer }, context, signal]: Parameters<Work<'cancel-order'>>): Promise<void> {
  return poll({
    request: () => ask('DELETE /orders/{id}', { app: context.orderCoreUrl, params: { id: order }, bearer, signal }),
    onReply: (reply) => {
      if (!isUp(reply)) return context.dispatch({ kind: 'link', up: false, at: context.now() })
      if (reply.kind === 'success') context.dispatch({ kind: 'order', order: reply.body })
      const rejected = reply.kind === 'rejected' && reply.problem.code === 'order-not-cancellable'
      context.dispatch({ kind: 'cancel-decided', order, rejected })
      // Rejected: what was decided in the meantime is read at once.
      if (reply.kind === 'rejected') context.waker.dispatchEvent(new Event('wake'))
    },
    everyMs: SECOND,
    context,
    signal,
  })
}

/** Retries until the order core has it, or rejects it: the payment worker looks by itself later. */
export function reportReturn(...[job, context, signal]: Parameters<Work<'report-return'>>): Promise<void> {
  return poll({
    request: () =>
      ask('POST /orders/{id}/payment', {
        ...{ app: context.orderCoreUrl, params: { id: job.order }, bearer: job.bearer, signal },
        body: { proof: job.proof },
      }),
    onReply: (reply) => {
      if (isUp(reply)) context.dispatch({ kind: 'return-reported' })
    },
    everyMs: SECOND,
    context,
    signal,
  })
}

/** Queries the order core with this admission, else with one from the cookies. A rejection of that one counts, too. */
const askForOrders = async (
  context: JobContext,
  { admission, signal }: { admission: string | undefined; signal: AbortSignal },
): Promise<{ reply: Reply<{ orders: OrderResource[] }>; reader: string | undefined }> => {
  let reader = admission
  if (reader === undefined) {
    const pass = await ask('GET /sales/{sale}/ended-pass', { params: context, signal })
    if (pass.kind !== 'success') return { reply: pass, reader }
    reader = pass.body.admission
  }
  return { reply: await ask('GET /orders', { app: context.orderCoreUrl, bearer: reader, signal }), reader }
}

/** Reads orders with the turn's admission, and when that is too old with one from the cookies. */
export async function findOrder(...[job, context, signal]: Parameters<Work<'find-order'>>): Promise<void> {
  let { admission } = job
  for (let failures = 0; !signal.aborted; ) {
    const { reply, reader } = await askForOrders(context, { admission, signal })
    if (signal.aborted) return
    if (reply.kind === 'success') return context.dispatch({ kind: 'orders', orders: reply.body.orders, reader })
    if (reply.kind === 'rejected' && !isPassing(reply.problem)) {
      if (admission === undefined) return context.dispatch({ kind: 'orders', orders: [], reader: undefined })
      admission = undefined
      continue
    }
    failures += 1
    context.dispatch({ kind: 'orders-late' })
    await waitFor(pauseAfter(reply, { failures, normalMs: SECOND }), { signal, waker: context.waker })
  }
}
