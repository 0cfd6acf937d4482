import { randomUUID } from 'node:crypto'

/** A W3C trace context (Trace Context §3.2): which span of which trace, and whether it is recorded. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits. */
  readonly spanId: string
  readonly isSampled: boolean
}

/** Ids of zeros only are invalid (Trace Context §3.2.2). */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** Reads a `traceparent`; undefined when it is malformed, or has an id of zeros only. */
export function parseTraceparent(traceparent: string | null | undefined): TraceContext | undefined {
  if (traceparent === null || traceparent === undefined || !TRACEPARENT.test(traceparent)) return undefined
  return {
    traceId: traceparent.slice(3, 35),
    spanId: traceparent.slice(36, 52),
    isSampled: Number.parseInt(traceparent.slice(54), 16) % 2 === 1,
  }
}

export function formatTraceparent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-0${isSampled ? 1 : 0}`
}

/** Returns the trace id of a `traceparent`, or undefined when it is malformed (then a new trace begins). */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  return parseTraceparent(traceparent)?.traceId
}

/**
 * Returns the id of a new trace, 122 bits of it random. Node draws UUIDs from a pool; a `randomBytes` per id took 10 µs.
 */
export function newTraceId(): string {
  const uuid = randomUUID()
  return `${uuid.slice(0, 8)}${uuid.slice(9, 13)}${uuid.slice(14, 18)}${uuid.slice(19, 23)}${uuid.slice(24)}`
}

/** Returns the id of a new span, 64 bits of it random: the version and the variant of a UUID are not in it. */
export function newSpanId(): string {
  const uuid = randomUUID()
  return `${uuid.slice(0, 4)}${uuid.slice(24)}`
}

/** Creates a `traceparent` for the given trace, or for a new one. */
export function newTraceparent(traceId: string = newTraceId()): string {
  return formatTraceparent({ traceId, spanId: newSpanId(), isSampled: true })
}
