import { hash } from 'node:crypto'

const TRACE_ID_DIGITS = 32
const SPAN_ID_DIGITS = 16

/**
 * Returns the id of the trace of a buyer's way through a sale. Every process derives the same one, so that a purchase
 * is one trace although the buyer's requests, the tick that admits the buyer and the order meet in no common call. The
 * buyer cannot be read from it.
 */
export function purchaseTraceId(sale: string, buyer: string): string {
  return digitsOf(['trace', sale, buyer], TRACE_ID_DIGITS)
}

/** Returns the id of the span of a join. A buyer who left and joined again has another place. */
export function joinSpanId(sale: string, buyer: string, place: number): string {
  return digitsOf(['join', sale, buyer, place], SPAN_ID_DIGITS)
}

/** Returns the id of the span of an admission, the parent of the orders of this turn. */
export function admissionSpanId(slot: string): string {
  return digitsOf(['admission', slot], SPAN_ID_DIGITS)
}

/** Tells whether a trace is in this share of all traces, from 0 to 1: the same in every process. */
export function isInShare(traceId: string, share: number): boolean {
  return Number.parseInt(traceId.slice(0, 8), 16) < share * 2 ** 32
}

function digitsOf(parts: readonly (string | number)[], digits: number): string {
  return hash('sha256', parts.join('\n'), 'hex').slice(0, digits)
}
