import {
  type Attributes,
  type HrTime,
  type Link,
  type SpanContext,
  SpanKind,
  type SpanStatus,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace'
import { parseTraceparent } from './trace-context.ts'
import { type EndedSpan, SPAN_KINDS } from './tracing.ts'

const SCOPE = { name: 'floodgate' }
const NO_EVENTS: TimedEvent[] = []
const NO_LINKS: Link[] = []
const NO_ERROR: SpanStatus = { code: SpanStatusCode.UNSET }
const ERROR: SpanStatus = { code: SpanStatusCode.ERROR }

/**
 * A span on its way to the collector, as the SDK reads it. Hundreds of them wait for seconds, and the garbage collector
 * moves what waits: so a span keeps little more than the step, and the SDK gets the rest while it serialises a batch.
 */
export class RecordedSpan implements ReadableSpan {
  readonly resource: Resource
  readonly parentSpanContext?: SpanContext
  readonly #step: EndedSpan
  readonly #context: SpanContext
  /** Milliseconds since 1970. */
  readonly #startedMs: number
  readonly #endedMs: number

  constructor(step: EndedSpan, context: SpanContext, resource: Resource) {
    const nowMs = performance.now()
    // The wall clock of now, as those of the other processes: this process' own clock drifts from it over days.
    const epochMs = Date.now() - nowMs
    this.resource = resource
    this.#step = step
    this.#context = context
    this.#startedMs = epochMs + step.startedMs
    this.#endedMs = epochMs + (step.endedMs ?? nowMs)
    const parent = spanContextOf(step.parent)
    if (parent !== undefined) this.parentSpanContext = { ...parent, isRemote: true }
  }

  spanContext(): SpanContext {
    return this.#context
  }
  get name(): string {
    return this.#step.name
  }
  get kind(): SpanKind {
    return SpanKind[SPAN_KINDS[this.#step.name]]
  }
  get startTime(): HrTime {
    return highResolutionTime(this.#startedMs)
  }
  get endTime(): HrTime {
    return highResolutionTime(this.#endedMs)
  }
  get duration(): HrTime {
    return highResolutionTime(this.#endedMs - this.#startedMs)
  }
  get status(): SpanStatus {
    return this.#step.failed ? ERROR : NO_ERROR
  }
  get attributes(): Attributes {
    return this.#step.attributes as Attributes
  }
  get links(): Link[] {
    const context = spanContextOf(this.#step.link)
    return context === undefined ? NO_LINKS : [{ context }]
  }
  get events(): TimedEvent[] {
    return NO_EVENTS
  }
  get ended(): boolean {
    return true
  }
  get instrumentationScope(): typeof SCOPE {
    return SCOPE
  }
  get droppedAttributesCount(): number {
    return 0
  }
  get droppedEventsCount(): number {
    return 0
  }
  get droppedLinksCount(): number {
    return 0
  }
}

/** Returns the context of a `traceparent`; undefined when it is malformed, or absent. */
export function spanContextOf(traceparent: string | null | undefined): SpanContext | undefined {
  const context = parseTraceparent(traceparent)
  if (context === undefined) return undefined
  const { traceId, spanId, isSampled } = context
  return { traceId, spanId, traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE }
}

/** Seconds, and the nanoseconds beyond them. */
function highResolutionTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000)
  return [seconds, Math.round((ms - seconds * 1_000) * 1e6)]
}
