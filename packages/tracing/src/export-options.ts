import type { SamplerName } from './samplers.ts'

/** Why a span did not reach the collector. */
export type DropReason = 'queue-full' | 'not-exported'

export interface ExportOptions {
  /** Where batches are posted to, `/v1/traces` included. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Time limit of an export with its repetitions. */
  readonly timeoutMs: number
  readonly compression: 'none' | 'gzip'
  /** The certificate, as PEM, of an authority that the collector's certificate comes from; default those of Node. */
  readonly ca?: string | undefined
  /** What all spans of this process have in common, by the names of OpenTelemetry. */
  readonly resource: Readonly<Record<string, string | number>>
  readonly sampler: SamplerName
  readonly samplerRatio: number
  /** Maximum number of spans that wait or are on their way. */
  readonly queueMax: number
  /** At most `queueMax`. */
  readonly batchMax: number
  /** Maximum time that a span waits for others. */
  readonly delayMs: number
  onExported(spans: number): void
  onDropped(spans: number, reason: DropReason, error?: Error): void
}
