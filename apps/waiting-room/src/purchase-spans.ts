import { admissionSpanId, isInShare, joinSpanId, purchaseTraceId, type Tracing } from '@floodgate/tracing'
import type { Admitted } from './admission/admit.ts'
import type { Joined } from './line/join.ts'

/** Records the first steps of purchases: joins, as many as configured, and all admissions. Polls are never recorded. */
export function createPurchaseSpans(tracing: Tracing, options: { readonly joinsShare: number }) {
  const { joinsShare } = options

  /** Returns the context of a join; undefined where it is not recorded. */
  function joinContext(traceId: string, sale: string, { buyer, place }: Pick<Joined, 'buyer' | 'place'>) {
    return isInShare(traceId, joinsShare) ? tracing.begin(traceId, joinSpanId(sale, buyer, place)) : undefined
  }

  return {
    joined(sale: string, joined: Joined): void {
      if (!tracing.isOn) return
      const traceparent = joinContext(purchaseTraceId(sale, joined.buyer), sale, joined)
      if (traceparent === undefined) return
      tracing.record({
        ...{ name: 'join', traceparent, startedMs: joined.startedMs },
        attributes: { 'floodgate.sale': sale, 'floodgate.place': joined.place },
      })
    },
    /** `tickMs`: how long the tick took that admitted them. */
    admitted(sale: string, admissions: readonly Admitted[], tickMs: number): void {
      if (!tracing.isOn) return
      const startedMs = performance.now() - tickMs
      for (const { buyer, slot, place } of admissions) {
        const traceId = purchaseTraceId(sale, buyer)
        tracing.record({
          ...{ name: 'admission', traceparent: tracing.begin(traceId, admissionSpanId(slot)), startedMs },
          parent: joinContext(traceId, sale, { buyer, place }),
          attributes: { 'floodgate.sale': sale, 'floodgate.slot': slot, 'floodgate.place': place },
        })
      }
    },
  }
}

export type PurchaseSpans = ReturnType<typeof createPurchaseSpans>
