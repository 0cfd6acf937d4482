import { formatTraceparent, newSpanId } from './trace-context.ts'

/** The steps of a purchase that are recorded, each with its kind (OpenTelemetry, `SpanKind`). */
export const SPAN_KINDS = {
  join: 'SERVER',
  admission: 'INTERNAL',
  order: 'SERVER',
  charge: 'CONSUMER',
  capture: 'CONSUMER',
  confirmation: 'CONSUMER',
  cancellation: 'CONSUMER',
  'refund request': 'CONSUMER',
  refund: 'CONSUMER',
  'refund completion': 'CONSUMER',
  'refund parking': 'CONSUMER',
  mail: 'CONSUMER',
  webhook: 'CONSUMER',
} as const
export type SpanName = keyof typeof SPAN_KINDS

/**
 * What a span may say. The list is closed, so that no secret and no personal data can get into it: ids of orders and
 * slots are in logs too, while the buyer, addresses, payment methods, keys and tokens have no attribute.
 */
export interface SpanAttributes {
  readonly 'floodgate.sale'?: string
  readonly 'floodgate.order'?: string
  readonly 'floodgate.slot'?: string
  readonly 'floodgate.place'?: number
  /** A word of a closed set, such as the code of a problem. */
  readonly 'floodgate.outcome'?: string
  readonly 'floodgate.attempt'?: number
  readonly 'floodgate.hold_ms'?: number
  readonly 'floodgate.commit_ms'?: number
  /** Orders written or moved by the same transaction. */
  readonly 'floodgate.batch_size'?: number
  /** The occasion of a mail. */
  readonly 'floodgate.mail'?: string
  /** The type of a webhook, and the name of its endpoint. */
  readonly 'floodgate.webhook'?: string
  readonly 'floodgate.endpoint'?: string
  /** The trace id in the problem and the logs of the request, which may be the caller's. */
  readonly 'floodgate.request_trace_id'?: string
}

/** A step that has ended. */
export interface EndedSpan {
  readonly name: SpanName
  /** Its own trace context: its children name it as their parent. Nothing is recorded without the sampled flag. */
  readonly traceparent: string
  /** The context of the step that led to it; none for the first step of a trace. */
  readonly parent?: string | null | undefined
  /** A context of another trace, such as the caller's. */
  readonly link?: string | undefined
  /** By the clock of `performance.now()`. */
  readonly startedMs: number
  /** Default now. */
  readonly endedMs?: number
  readonly attributes: SpanAttributes
  /** Whether the step failed, for a reason of ours. */
  readonly failed?: boolean
}

/**
 * Records the steps of purchases as OpenTelemetry spans. A step gets its context when it begins, passes it on with
 * whatever it causes, and is recorded once it has ended: a process that dies in between leaves no half of a span.
 */
export interface Tracing {
  /** Whether anything is recorded. Where not, contexts are passed on as they came. */
  readonly isOn: boolean
  /** Returns the context of a step in the trace of a purchase; the sampler decides whether it is recorded. */
  begin(traceId: string, spanId?: string): string
  /** Returns the context of a step that `parent` led to; without a valid one, of a new trace. */
  continue<Parent extends string | null | undefined>(parent: Parent): string | Parent
  /** Never throws, never waits. */
  record(span: EndedSpan): void
  /** Exports what is recorded, for at most `msMax`. Never rejects. */
  stop(msMax: number): Promise<void>
}

/** Records nothing. */
export const NO_TRACING: Tracing = {
  isOn: false,
  begin: (traceId, spanId = newSpanId()) => formatTraceparent({ traceId, spanId, isSampled: false }),
  continue: (parent) => parent,
  record: () => undefined,
  stop: async () => undefined,
}
