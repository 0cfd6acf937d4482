import { type Attributes, type SpanContext, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace'
import type { ExportOptions } from './export-options.ts'
import { createSampler } from './sampler.ts'
import { formatTraceparent, newSpanId, newTraceId, parseTraceparent, type TraceContext } from './trace-context.ts'
import { type EndedSpan, SPAN_KINDS, type Tracing } from './tracing.ts'

type Compression = NonNullable<NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>['compression']>

const SCOPE = { name: 'floodgate' }

/**
 * Exports spans to a collector (OTLP over HTTP, protobuf), in batches and behind the work: `record` puts a span into a
 * queue of `queueMax`, which includes the batches on their way. A collector that is down or mute costs the spans that
 * do not fit, each of them counted, and nothing else.
 */
export function exportSpans(options: ExportOptions): Tracing {
  const { queueMax, onDropped, onExported } = options
  const sampler = createSampler(options.sampler, options.samplerRatio)
  const resource = resourceFromAttributes(options.resource)
  let queued = 0

  const toCollector = new OTLPTraceExporter({
    url: options.url,
    headers: { ...options.headers },
    timeoutMillis: options.timeoutMs,
    compression: options.compression as Compression,
    ...(options.ca === undefined ? {} : { httpAgentOptions: { ca: options.ca, keepAlive: true } }),
  })
  const exporter: SpanExporter = {
    export(spans, done) {
      toCollector.export(spans, function onResult(result) {
        queued -= spans.length
        if (result.error === undefined) onExported(spans.length)
        else onDropped(spans.length, 'not-exported', result.error)
        done(result)
      })
    },
    shutdown: () => toCollector.shutdown(),
  }
  const processor = new BatchSpanProcessor({
    exporter,
    maxQueueSize: queueMax,
    maxExportBatchSize: options.batchMax,
    scheduledDelayMillis: options.delayMs,
    exportTimeoutMillis: options.timeoutMs,
  })

  function begin(traceId: string, spanId = newSpanId()): string {
    return formatTraceparent({ traceId, spanId, isSampled: sampler.isSampled(traceId) })
  }

  return {
    isOn: true,
    begin,
    continue(parent) {
      const context = parseTraceparent(parent)
      if (context === undefined) return begin(newTraceId())
      return formatTraceparent({
        traceId: context.traceId,
        spanId: newSpanId(),
        isSampled: sampler.continues(context),
      })
    },
    record(span) {
      const context = parseTraceparent(span.traceparent)
      if (context === undefined || !context.isSampled) return
      if (queued >= queueMax) {
        onDropped(1, 'queue-full')
        return
      }
      queued += 1
      processor.onEnd({ ...readableSpan(span, context), resource })
    },
    async stop(msMax) {
      // The last batches may fail, or outlast the time for them.
      const stopped = processor.shutdown().catch(() => undefined)
      await Promise.race([stopped, timeLimit(msMax)])
    },
  }
}

function timeLimit(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}

function readableSpan(span: EndedSpan, context: TraceContext): Omit<ReadableSpan, 'resource'> {
  const nowMs = performance.now()
  const { startedMs, endedMs = nowMs } = span
  // The wall clock of now, as those of the other processes: this process' own clock drifts from it over days.
  const epochMs = Date.now() - nowMs
  const parent = parseTraceparent(span.parent)
  const link = parseTraceparent(span.link)
  const ownContext = spanContext(context)
  return {
    name: span.name,
    kind: SpanKind[SPAN_KINDS[span.name]],
    spanContext: () => ownContext,
    ...(parent === undefined ? {} : { parentSpanContext: { ...spanContext(parent), isRemote: true } }),
    startTime: highResolutionTime(epochMs + startedMs),
    endTime: highResolutionTime(epochMs + endedMs),
    duration: highResolutionTime(endedMs - startedMs),
    status: { code: span.failed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    attributes: span.attributes as Attributes,
    links: link === undefined ? [] : [{ context: spanContext(link) }],
    events: [],
    ended: true,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
}

function spanContext({ traceId, spanId, isSampled }: TraceContext): SpanContext {
  return { traceId, spanId, traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE }
}

/** Seconds, and the nanoseconds beyond them. */
function highResolutionTime(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1_000)
  return [seconds, Math.round((ms - seconds * 1_000) * 1e6)]
}
