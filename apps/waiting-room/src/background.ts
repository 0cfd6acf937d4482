import type { Logger } from '@floodgate/service'
import type { Pool } from 'pg'
import { every } from './every.ts'
import type { LineRedis } from './line/line-redis.ts'
import { archiveLog } from './log/archive-log.ts'
import type { RoomMetrics } from './room-metrics.ts'
import { reconcileSales } from './sales/keep-sales.ts'
import type { LiveSale, LiveSales } from './sales/live-sales.ts'

const snapshotMs = 250
const discoverMs = 1_000
const reconcileMs = 3_000
const archiveMs = 1_000

interface BackgroundDeps {
  readonly line: LineRedis
  readonly pool: Pool
  readonly sales: LiveSales
  readonly log: Logger
  readonly metrics: RoomMetrics
}

/** Sales nobody can enter now are read once a second (an act has to be known by then), those that are over and empty hardly at all. */
const needsSnapshot = ({ snapshot, readAtMs }: LiveSale): boolean => {
  const ageMs = performance.now() - readAtMs
  if (snapshot.state === 'open') return true
  if (snapshot.state === 'closed' && snapshot.counts.active === 0) return ageMs > 10_000
  return ageMs > 700
}

/** What every process does beside its requests: snapshots, learning of sales, reconciling with Postgres, archiving. */
export const startBackground = (deps: BackgroundDeps): { readonly stop: () => Promise<void> } => {
  const { line, pool, sales, log } = deps
  const failed = (work: string) => (error: unknown) => {
    deps.metrics.failures.inc({ work })
    log.debug({ work, error }, 'background work failed; it is tried again')
  }
  const archivedTo = new Map<string, string>()
  const archiveAll = async () => {
    for (const { id, snapshot } of sales.all()) {
      const after = archivedTo.get(id) ?? '0-0'
      if (after === snapshot.newestLogId) continue
      try {
        const reached = await archiveLog({ line, pool }, id, after)
        if (reached !== undefined) archivedTo.set(id, reached)
      } catch (error) {
        // One sale's log that can not be copied must not keep the others' in Redis.
        failed('archive')(error)
      }
    }
  }
  const loops = [
    every(
      snapshotMs,
      async () => {
        const wanted = [...sales.all()].filter(needsSnapshot)
        const results = await Promise.allSettled(wanted.map((sale) => sales.refresh(sale.id)))
        for (const result of results) if (result.status === 'rejected') failed('snapshot')(result.reason)
      },
      failed('snapshot'),
    ),
    every(discoverMs, () => sales.discover(), failed('discover')),
    every(reconcileMs, () => reconcileSales({ line, pool }), failed('reconcile')),
    every(archiveMs, archiveAll, failed('archive')),
  ]
  return {
    stop: async () => {
      await Promise.all(loops.map((loop) => loop.stop()))
    },
  }
}
