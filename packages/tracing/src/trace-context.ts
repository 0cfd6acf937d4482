import { randomUUID } from 'node:crypto'

/** A W3C trace context (Trace Context §3.2): which span of which trace, and whether it is recorded. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits. */
  readonly spanId: string
  readonly isSampled: boolean
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]([0-9a-f])$/
const ONLY_ZEROS = /^0+$/

/** Reads a `traceparent`; undefined when it is malformed, or has an id of zeros only. */
export function parseTraceparent(traceparent: string | null | undefined): TraceContext | undefined {
  const [, traceId = '', spanId = '', flags = '0'] = TRACEPARENT.exec(traceparent ?? '') ?? []
  if (traceId === '' || ONLY_ZEROS.test(traceId) || ONLY_ZEROS.test(spanId)) return undefined
  return { traceId, spanId, isSampled: Number.parseInt(flags, 16) % 2 === 1 }
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
  return randomUUID().replaceAll('-', '')
}

export function newSpanId(): string {
  return newTraceId().slice(16)
}

/** Creates a `traceparent` for the given trace, or for a new one. */
export function newTraceparent(traceId: string = newTraceId()): string {
  return formatTraceparent({ traceId, spanId: newSpanId(), isSampled: true })
}
