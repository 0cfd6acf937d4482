import { SAMPLERS } from '@floodgate/tracing'
import { pairs } from './pairs.ts'
import { setting } from './setting.ts'

/** Names of headers (RFC 9110 §5.6.2). */
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/
const ATTRIBUTE_NAME = /^[^\s=,;"\\]+$/

/** The variables of OpenTelemetry that are respected, by their standard names (docs/deploy/traces.md). */
export const tracingSettings = {
  otelExporterOtlpEndpoint: setting.optionalUrl({
    description:
      'URL of an OpenTelemetry collector that takes OTLP over HTTP: traces are posted to `/v1/traces` below it. Unset, nothing is recorded',
  }),
  otelExporterOtlpTracesEndpoint: setting.optionalUrl({
    description: 'The whole URL that traces are posted to, in place of `OTEL_EXPORTER_OTLP_ENDPOINT`',
  }),
  otelExporterOtlpProtocol: setting.choice({
    description: 'Protocol of the collector: no other is supported',
    values: ['http/protobuf'],
    default: 'http/protobuf',
  }),
  otelExporterOtlpHeaders: pairs({
    description: 'Headers of every export, such as a key for the collector, with percent-encoded values',
    secret: true,
    name: HEADER_NAME,
    words: 'each name one of a header, each value percent-encoded',
  }),
  otelExporterOtlpCompression: setting.choice({
    description: 'Compression of exports',
    values: ['none', 'gzip'],
    default: 'none',
  }),
  otelExporterOtlpCertificate: setting.optionalText({
    description: "File with the certificate (PEM) of the authority behind the collector's certificate",
  }),
  otelExporterOtlpTimeout: setting.integer({
    description: 'Maximum time of an export with its repetitions; its spans are then dropped',
    unit: 'ms',
    min: 100,
    max: 60_000,
    default: 10_000,
  }),
  otelServiceName: setting.optionalText({
    description: 'Name of the service in traces; unset, `floodgate-` and the app',
  }),
  otelResourceAttributes: pairs({
    description: 'Attributes of the process in traces, such as `deployment.environment=live`',
    name: ATTRIBUTE_NAME,
    words: 'each value percent-encoded',
  }),
  otelTracesSampler: setting.choice({
    description: 'Which purchases are recorded; joins also need `TRACE_JOINS_RATIO` of the waiting room',
    values: SAMPLERS,
    default: 'parentbased_always_on',
  }),
  otelTracesSamplerArg: setting.number({
    description: 'Share of purchases that the samplers `traceidratio` record',
    unit: 'of 1',
    min: 0,
    max: 1,
    default: 1,
  }),
  otelBspScheduleDelay: setting.integer({
    description: 'Maximum time that a span waits for others of its batch',
    unit: 'ms',
    min: 10,
    max: 60_000,
    default: 5_000,
  }),
  otelBspMaxQueueSize: setting.integer({
    description: 'Spans that wait or are on their way; more are dropped and counted',
    unit: 'spans',
    min: 1,
    max: 100_000,
    default: 4_096,
  }),
  otelBspMaxExportBatchSize: setting.integer({
    description: 'Maximum spans of one export, at most `OTEL_BSP_MAX_QUEUE_SIZE`',
    unit: 'spans',
    min: 1,
    max: 10_000,
    default: 512,
  }),
  otelSdkDisabled: setting.flag({ description: 'Turns tracing off, whatever else is set', default: false }),
}
