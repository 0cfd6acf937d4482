import type { Logger } from '@floodgate/runtime'
import type { Registry } from 'prom-client'
import { requestDurations } from './request-durations.ts'

export interface ServedRequest {
  readonly method: string
  /** The route pattern, never the path as sent. */
  readonly route: string
  readonly status: number
  readonly elapsedMs: number
  /** Called only when a line is logged. */
  traceId(): string
  readonly error: unknown
}

/** Counts a served request by route pattern, method and status; logs internal failures as warnings. */
export function createRequestLog({ log, metrics }: { log: Logger; metrics: Registry }) {
  const durations = requestDurations(metrics)
  return function noteRequest({ method, route, status, elapsedMs, traceId, error }: ServedRequest): void {
    durations.series(method, route, status).observe(elapsedMs / 1_000)
    if (status < 500) return
    log.warn({ method, route, status, elapsedMs, traceId: traceId(), error }, 'request failed')
  }
}
