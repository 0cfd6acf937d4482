import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

const SECOND = 1_000
const secondsBuckets = [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 20, 60]

export interface RebuildMetrics {
  /** Counts the work as running until it settles. */
  track<Result>(work: Promise<Result>): Promise<Result>
  onRebuilt(rebuilt: { readonly ms: number }): void
  onFailed(): void
}

export function createRebuildMetrics(metrics: Registry): RebuildMetrics {
  const rebuilds = new Counter({
    name: 'floodgate_stock_rebuilds_total',
    help: "Rebuilds of a sale's stock in Redis from Postgres, by how they ended",
    labelNames: ['outcome'],
    registers: [metrics],
  })
  // A series that begins at its first event shows no increase: alerts need the zero before it.
  rebuilds.inc({ outcome: 'failed' }, 0)
  const seconds = new Histogram({
    name: 'floodgate_stock_rebuild_seconds',
    help: 'Time of a rebuild: no order of its sale is placed meanwhile',
    buckets: secondsBuckets,
    registers: [metrics],
  })
  const running = new Gauge({
    name: 'floodgate_stock_rebuilds_running',
    help: 'Rebuilds in progress in this process, or waiting for their turn or for another process',
    registers: [metrics],
  })
  return {
    track(work) {
      running.inc()
      return work.finally(() => running.dec())
    },
    onRebuilt({ ms }) {
      rebuilds.inc({ outcome: 'rebuilt' })
      seconds.observe(ms / SECOND)
    },
    onFailed() {
      rebuilds.inc({ outcome: 'failed' })
    },
  }
}
