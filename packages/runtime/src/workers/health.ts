import type { Readiness } from '@floodgate/contracts'

/** What `/readyz` and `/metrics` report: of this process, or of all workers behind its port. */
export interface Health {
  readiness(): Promise<Readiness>
  /** Prometheus text. */
  metrics(): Promise<string>
}
