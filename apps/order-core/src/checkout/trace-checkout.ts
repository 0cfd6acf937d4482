import { admissionSpanId, purchaseTraceId, type Tracing, traceIdOf } from '@floodgate/tracing'
import type { Checkout } from './checkout.ts'
import type { CheckoutOutcome } from './outcome.ts'

/** Outcomes that say something about us. Rejections such as `sold-out` end no purchase, and come by the thousand. */
const FAILURES: readonly CheckoutOutcome['kind'][] = ['busy', 'poisonous']

/**
 * Records orders in the trace of their purchase: every accepted one, and every failure. The context that the caller
 * sent becomes a link, because a proxy or a browser begins a trace with each request, and anybody may send one.
 */
export function traceCheckout(checkout: Checkout, tracing: Tracing): Checkout {
  if (!tracing.isOn) return checkout
  return async function tracedCheckout(request) {
    const startedMs = performance.now()
    const { sale, buyer, slot } = request.admission
    const traceId = purchaseTraceId(sale, buyer)
    const traceparent = tracing.begin(traceId)
    let outcome: CheckoutOutcome | undefined
    try {
      outcome = await checkout({ ...request, traceparent })
      return outcome
    } finally {
      if (outcome === undefined || outcome.kind === 'accepted' || FAILURES.includes(outcome.kind))
        tracing.record({
          ...{ name: 'order', traceparent, startedMs, failed: outcome?.kind !== 'accepted' },
          parent: tracing.begin(traceId, admissionSpanId(slot)),
          link: request.traceparent,
          attributes: {
            'floodgate.sale': sale,
            'floodgate.slot': slot,
            'floodgate.request_trace_id': traceIdOf(request.traceparent) ?? '',
            ...attributesOf(outcome),
          },
        })
    }
  }
}

function attributesOf(outcome: CheckoutOutcome | undefined) {
  if (outcome?.kind !== 'accepted') return { 'floodgate.outcome': outcome?.kind ?? 'unavailable' }
  const { order, replayed, spent } = outcome
  return {
    'floodgate.order': order.id,
    'floodgate.outcome': replayed ? 'replayed' : 'accepted',
    ...(spent === undefined
      ? {}
      : {
          'floodgate.hold_ms': spent.holdMs,
          'floodgate.commit_ms': spent.commitMs,
          'floodgate.batch_size': spent.batchSize,
        }),
  }
}
