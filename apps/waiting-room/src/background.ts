import { untilNextPoll } from '@floodgate/database'
import type { Logger } from '@floodgate/service'
import type { Pool } from 'pg'
import type { OrdersSeen } from './admission/follow-orders-seen.ts'
import { revokeGivenBack } from './admission/revoke.ts'
import type { Config } from './config.ts'
import { every } from './every.ts'
import type { LineRedis } from './line/line-redis.ts'
import { archiveLog } from './log/archive-log.ts'
import { cutLog } from './log/cut-log.ts'
import { pruneArchive } from './log/prune-archive.ts'
import type { RoomMetrics } from './room-metrics.ts'
import { reconcileSales } from './sales/keep-sales.ts'
import { isAtRest, type LiveSale, type LiveSales } from './sales/live-sales.ts'

const snapshotMs = 250
/** With sockets: admissions by other processes are pushed from the snapshot, within 250 ms. */
const snapshotForSocketsMs = 150
const restMs = 1_000
const discoverMs = 1_000
const reconcileMs = 3_000
const archiveMs = 1_000
const pruneMs = 60_000
const revokeMs = 250
const ordersSeenMs = 1_000
/** Of one sale before the next one's turn: ten seconds of 10,000 admissions a second. */
const ARCHIVE_ROUNDS_MAX = 10

interface BackgroundDeps {
  readonly line: LineRedis
  readonly pool: Pool
  readonly sales: LiveSales
  readonly log: Logger
  readonly metrics: RoomMetrics
  readonly hasSockets: () => boolean
  readonly wakeRelay: () => void
  readonly ordersSeen: OrdersSeen
  readonly config: Pick<Config, 'archiveDays' | 'logEntriesMax'>
}

/** Sales nobody can enter now are read once a second (an act has to be known by then), those that are over and empty hardly at all. */
const needsSnapshot = (sale: LiveSale): boolean => {
  const { snapshot, readAtMs } = sale
  const ageMs = performance.now() - readAtMs
  if (isOver(sale)) return ageMs > 10_000
  if (snapshot.state === 'open' && !isAtRest(sale)) return true
  return ageMs > 700
}

const isOver = ({ snapshot }: LiveSale): boolean => snapshot.state === 'closed' && snapshot.counts.active === 0

export interface Background {
  /** A sale is not at rest. Cheap: call it as often as you like. */
  readonly wake: () => void
  /** A slot of the sale was given back here. */
  readonly revokeSoon: (sale: string) => void
  readonly stop: () => Promise<void>
}

/** What every process does beside its requests: snapshots, learning of sales, reconciling with Postgres, archiving. */
export const startBackground = (deps: BackgroundDeps): Background => {
  const { line, pool, sales, log } = deps
  const failed = (work: string) => (error: unknown) => {
    deps.metrics.failures.inc({ work })
    log.debug({ work, error }, 'background work failed; it is tried again')
  }
  const archivedTo = new Map<string, string>()
  const boundLog = async (sale: string) => {
    const count = await cutLog(line, sale, deps.config.logEntriesMax)
    if (count === 0) return
    deps.metrics.logCut.inc(count)
    log.warn({ sale, count }, 'log cut before it was archived')
  }
  const pruneAll = async () => {
    while (await pruneArchive(pool, deps.config.archiveDays));
  }
  const archiveAll = async () => {
    for (const { id, snapshot } of sales.all()) {
      if (archivedTo.get(id) === snapshot.newestLogId) continue
      try {
        for (let rounds = 0; rounds < ARCHIVE_ROUNDS_MAX; rounds += 1) {
          const round = await archiveLog({ line, pool }, id)
          if (round !== undefined) archivedTo.set(id, round.reached)
          if (round?.isBehind !== true) break
        }
      } catch (error) {
        // One sale's log that can not be copied must not keep the others' in Redis.
        failed('archive')(error)
        await boundLog(id)
      }
    }
  }
  const untilNextSnapshot = () => {
    if ([...sales.all()].every((sale) => isAtRest(sale) || isOver(sale))) return untilNextPoll(restMs)
    return deps.hasSockets() ? snapshotForSocketsMs : snapshotMs
  }
  const snapshots = every(
    untilNextSnapshot,
    async () => {
      const wanted = [...sales.all()].filter(needsSnapshot)
      const results = await Promise.allSettled(wanted.map((sale) => sales.refresh(sale.id)))
      for (const result of results) if (result.status === 'rejected') failed('snapshot')(result.reason)
    },
    failed('snapshot'),
  )
  const givenBack = new Set<string>()
  const revokeAll = async () => {
    for (const { id, snapshot } of sales.all()) if (snapshot.leaving > 0) givenBack.add(id)
    for (const id of givenBack) if ((await revokeGivenBack(deps, id)) === 0) givenBack.delete(id)
  }
  const loops = [
    snapshots,
    every(() => revokeMs, revokeAll, failed('revoke')),
    every(() => untilNextPoll(ordersSeenMs), deps.ordersSeen.exchange, failed('orders-seen')),
    every(
      () => untilNextPoll(discoverMs),
      () => sales.discover(),
      failed('discover'),
    ),
    every(
      () => untilNextPoll(reconcileMs),
      () => reconcileSales({ line, pool }),
      failed('reconcile'),
    ),
    every(() => untilNextPoll(archiveMs), archiveAll, failed('archive')),
    every(() => untilNextPoll(pruneMs), pruneAll, failed('prune')),
  ]
  return {
    wake: snapshots.hurry,
    revokeSoon: (sale) => givenBack.add(sale),
    stop: async () => {
      await Promise.all(loops.map((loop) => loop.stop()))
      await deps.ordersSeen.leave().catch(() => undefined) // Redis is away: the report ends by its age.
    },
  }
}
