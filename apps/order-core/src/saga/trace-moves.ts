import type { OrderStatus } from '@floodgate/contracts'
import { type SpanName, type Tracing, traceIdOf } from '@floodgate/tracing'
import type { LockedOrder } from '../order/lock-orders.ts'
import type { TransitionOutcome, TransitionRequest } from './plan-transitions.ts'

/** A request whose `traceparent` is that of its own step, with the step that led to it. */
export interface TracedRequest extends TransitionRequest {
  readonly parent?: string | null | undefined
  readonly link?: string | undefined
}

const NAMES: Readonly<Record<OrderStatus, SpanName | undefined>> = {
  pending: undefined,
  confirmed: 'confirmation',
  cancelled: 'cancellation',
  refund_pending: 'refund request',
  refunded: 'refund completion',
  refund_parked: 'refund parking',
}

/**
 * Gives each request a step of its own in the trace of its order: its event passes that on. A fact from elsewhere, such
 * as an operator's cancellation, is linked with the request that brought it.
 */
export function traceRequests(
  tracing: Tracing,
  orders: readonly LockedOrder[],
  requests: readonly TransitionRequest[],
): readonly TracedRequest[] {
  if (!tracing.isOn) return requests
  const traceparents = new Map(orders.map(({ id, traceparent }) => [id, traceparent]))
  return requests.map(function traced(request) {
    const { traceparent: sent, ...rest } = request
    const own = traceparents.get(request.order) ?? undefined
    const isOfPurchase = own === undefined || traceIdOf(sent) === traceIdOf(own)
    const parent = isOfPurchase ? sent : own
    return { ...rest, traceparent: tracing.continue(parent) ?? '', parent, link: isOfPurchase ? undefined : sent }
  })
}

/** Records the moves of a committed batch. */
export function recordMoves(
  tracing: Tracing,
  requests: readonly TracedRequest[],
  { outcomes, startedMs }: { readonly outcomes: readonly TransitionOutcome[]; readonly startedMs: number },
): void {
  if (!tracing.isOn) return
  const moves = outcomes.filter(({ kind }) => kind === 'moved').length
  requests.forEach(({ order, fact, traceparent = '', parent, link }, index) => {
    const outcome = outcomes[index]
    const name = outcome?.kind === 'moved' ? NAMES[outcome.to] : undefined
    if (name === undefined) return
    tracing.record({
      ...{ name, traceparent, parent, link, startedMs },
      attributes: { 'floodgate.order': order, 'floodgate.outcome': fact, 'floodgate.batch_size': moves },
    })
  })
}
