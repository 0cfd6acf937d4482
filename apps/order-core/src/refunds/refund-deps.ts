import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { SagaMetrics } from '../saga/saga-metrics.ts'
import type { CorrectStock } from '../stock/correct-stock.ts'

export interface RefundDeps {
  readonly pool: Pool
  readonly correctStock: CorrectStock
  /** Whether events name the sale, the items and the language. */
  readonly namesInEvents: boolean
  readonly metrics: SagaMetrics
  readonly log: Logger
  /** Notifies the relay of events to publish. */
  wakeRelay(): void
}
