import { hostname } from 'node:os'
import { type DropReason, type ExportOptions, openTracing, type Tracing } from '@floodgate/tracing'
import { Counter, type Registry } from 'prom-client'
import type { z } from 'zod'
import { readAuthorities } from './config/tls-files.ts'
import type { tracingSettings } from './config/tracing-settings.ts'
import { ConfigurationError } from './configuration-error.ts'
import type { Logger } from './logger.ts'
import { createRareWarnings } from './rare-warnings.ts'

export type TracingConfig = Partial<z.infer<z.ZodObject<typeof tracingSettings>>>

interface TracedProcess {
  readonly app: string
  readonly worker: number | undefined
  readonly log: Logger
  readonly metrics: Registry
}

/**
 * Returns the tracing of this process, which records nothing without the URL of a collector. Throws
 * `ConfigurationError` for settings that contradict each other, and for a certificate that cannot be read.
 */
export async function tracingOf(config: TracingConfig, process: TracedProcess): Promise<Tracing> {
  return await openTracing(exportOptionsOf(config, process))
}

/** Returns the URL that traces are posted to; undefined where tracing is off. */
function tracesUrl(config: TracingConfig): string | undefined {
  const { otelSdkDisabled, otelExporterOtlpTracesEndpoint, otelExporterOtlpEndpoint } = config
  if (otelSdkDisabled) return undefined
  if (otelExporterOtlpTracesEndpoint !== undefined) return otelExporterOtlpTracesEndpoint
  return otelExporterOtlpEndpoint === undefined ? undefined : `${otelExporterOtlpEndpoint}/v1/traces`
}

function exportOptionsOf(config: TracingConfig, process: TracedProcess): ExportOptions | undefined {
  const url = tracesUrl(config)
  if (url === undefined) return undefined
  const { otelBspMaxQueueSize: queueMax = 1, otelBspMaxExportBatchSize: batchMax = 1 } = config
  if (batchMax > queueMax)
    throw new ConfigurationError('OTEL_BSP_MAX_EXPORT_BATCH_SIZE is above OTEL_BSP_MAX_QUEUE_SIZE: no batch gets full.')
  return {
    url,
    headers: config.otelExporterOtlpHeaders ?? {},
    timeoutMs: config.otelExporterOtlpTimeout ?? 0,
    compression: config.otelExporterOtlpCompression ?? 'none',
    ca: readCertificate(config.otelExporterOtlpCertificate),
    resource: resourceOf(config, process),
    sampler: config.otelTracesSampler ?? 'parentbased_always_on',
    samplerRatio: config.otelTracesSamplerArg ?? 1,
    ...{ queueMax, batchMax },
    delayMs: config.otelBspScheduleDelay ?? 0,
    ...countSpans(process),
  }
}

/** Node takes a file without certificates for authorities that nobody has, and every export would fail. */
function readCertificate(path: string | undefined): string | undefined {
  const { ca, problems } = readAuthorities('OTEL_EXPORTER_OTLP_CERTIFICATE', path)
  if (problems.length > 0) throw new ConfigurationError(problems)
  return ca
}

/** `OTEL_SERVICE_NAME` goes before `service.name` of `OTEL_RESOURCE_ATTRIBUTES`, as OpenTelemetry defines it. */
function resourceOf(config: TracingConfig, { app, worker }: TracedProcess): Record<string, string | number> {
  const { otelServiceName, otelResourceAttributes } = config
  return {
    'service.name': `floodgate-${app}`,
    'service.namespace': 'floodgate',
    'host.name': hostname(),
    'process.pid': globalThis.process.pid,
    ...(worker === undefined ? {} : { 'floodgate.worker': worker }),
    ...otelResourceAttributes,
    ...(otelServiceName === undefined ? {} : { 'service.name': otelServiceName }),
  }
}

function countSpans({ log, metrics }: TracedProcess): Pick<ExportOptions, 'onExported' | 'onDropped'> {
  const exported = new Counter({
    name: 'floodgate_spans_exported_total',
    help: 'Spans that the collector took',
    registers: [metrics],
  })
  const dropped = new Counter({
    name: 'floodgate_spans_dropped_total',
    help: 'Spans that did not reach the collector, by reason',
    labelNames: ['reason'],
    registers: [metrics],
  })
  const warn = createRareWarnings(log)
  return {
    onExported: (spans) => exported.inc(spans),
    onDropped(spans: number, reason: DropReason, error?: Error) {
      dropped.inc({ reason }, spans)
      warn(reason, { reason, error: error?.message }, 'spans dropped')
    },
  }
}
