import { silentLogger } from '@floodgate/testkit/fixtures'
import type { Pool } from 'pg'
import { Registry } from 'prom-client'
import type { RefundDeps } from '../refunds/refund-deps.ts'
import { createSagaMetrics } from '../saga/saga-metrics.ts'

/** What the refunds of one process need. Redis takes every correction. */
export function createTestRefundDeps(pool: Pool, changes: Partial<RefundDeps> = {}): RefundDeps {
  return {
    pool,
    correctStock: async (corrections) => corrections.map(() => 'corrected' as const),
    namesInEvents: true,
    metrics: createSagaMetrics(new Registry()),
    log: silentLogger,
    wakeRelay: () => undefined,
    ...changes,
  }
}
