import { randomUUID } from 'node:crypto'

const traceparentPattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/

/** Returns the trace id of a W3C `traceparent`, or undefined when it is malformed (then a new trace begins). */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  const id = traceparentPattern.exec(traceparent ?? '')?.[1]
  return id === undefined || /^0+$/.test(id) ? undefined : id
}

/**
 * Returns 32 hexadecimal digits, 122 bits of them random. Node draws UUIDs from a pool; a `randomBytes` per id took 10
 * µs.
 */
const randomDigits = (): string => randomUUID().replaceAll('-', '')

/** Creates a `traceparent` for the given trace, or for a new one (W3C Trace Context §3.2). */
export function newTraceparent(traceId: string = randomDigits()): string {
  return `00-${traceId}-${randomDigits().slice(16)}-01`
}
