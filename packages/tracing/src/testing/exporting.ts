import type { DropReason, ExportOptions } from '../export-options.ts'
import { openTracing } from '../open-tracing.ts'

/** Opens tracing to a collector, and keeps what it reports. */
export async function openForTest(collectorUrl: string, options: Partial<ExportOptions> = {}) {
  const seen = { exported: 0, dropped: { 'queue-full': 0, 'not-exported': 0 }, errors: [] as string[] }
  const tracing = await openTracing({
    url: `${collectorUrl}/v1/traces`,
    ...{ headers: {}, timeoutMs: 1_000, compression: 'none', resource: { 'service.name': 'test' } },
    ...{ sampler: 'parentbased_always_on', samplerRatio: 1, queueMax: 1_000, batchMax: 100, delayMs: 10 },
    onExported(spans) {
      seen.exported += spans
    },
    onDropped(spans: number, reason: DropReason, error?: Error) {
      seen.dropped[reason] += spans
      if (error !== undefined) seen.errors.push(error.message)
    },
    ...options,
  })
  return { tracing, seen }
}
