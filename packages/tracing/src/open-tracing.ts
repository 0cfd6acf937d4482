import type { ExportOptions } from './export-options.ts'
import { NO_TRACING, type Tracing } from './tracing.ts'

/**
 * Starts to export spans; without options nothing is recorded, and nothing of OpenTelemetry is even loaded. Makes no
 * connection before the first batch.
 */
export async function openTracing(options: ExportOptions | undefined): Promise<Tracing> {
  if (options === undefined) return NO_TRACING
  const { exportSpans } = await import('./export-spans.ts')
  return exportSpans(options)
}
