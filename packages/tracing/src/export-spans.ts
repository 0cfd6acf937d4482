import { TraceFlags } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace'
import type { ExportOptions } from './export-options.ts'
import { RecordedSpan, spanContextOf } from './recorded-span.ts'
import { createSampler } from './sampler.ts'
import { formatTraceparent, newSpanId, newTraceId, parseTraceparent } from './trace-context.ts'
import type { Tracing } from './tracing.ts'

type Compression = NonNullable<NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>['compression']>

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
      const context = spanContextOf(span.traceparent)
      if (context === undefined || context.traceFlags === TraceFlags.NONE) return
      if (queued >= queueMax) {
        onDropped(1, 'queue-full')
        return
      }
      queued += 1
      processor.onEnd(new RecordedSpan(span, context, resource))
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
