import type { Logger } from '@floodgate/runtime'
import type { Registry } from 'prom-client'
import { requestDurations } from './request-durations.ts'

export interface AnsweredRequest {
  readonly method: string
  /** The pattern, never the path as it was sent. */
  readonly route: string
  readonly status: number
  readonly elapsedMs: number
  /** Asked for only when it is written down. */
  traceId(): string
  readonly error: unknown
}

/** Counts an answered request by route pattern, method and status; failures of ours are logged as warnings. */
export function createRequestLog({ log, metrics }: { log: Logger; metrics: Registry }) {
  const durations = requestDurations(metrics)
  return function noteRequest({ method, route, status, elapsedMs, traceId, error }: AnsweredRequest): void {
    durations.series(method, route, status).observe(elapsedMs / 1_000)
    if (status < 500) return
    log.warn({ method, route, status, elapsedMs, traceId: traceId(), error }, 'request failed')
  }
}
