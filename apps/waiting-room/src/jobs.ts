import { type Repeated, type RepeatOptions, repeat, untilNextPoll } from '@floodgate/async'
import { createRareWarnings, type Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { actsAtMs } from './admission/schedule.ts'
import type { Archiver } from './archive/archiver.ts'
import { pruneRevocations } from './archive/prune-archive.ts'
import type { Config } from './config.ts'
import { pruneIdentityRevocations } from './identity/revocation-store.ts'
import type { Revocations } from './identity/revocations.ts'
import type { EndRevoked } from './line/end-revoked.ts'
import type { LiveHub } from './live/live-hub.ts'
import type { RoomMetrics } from './metrics.ts'
import type { LineRedis } from './redis/line-redis.ts'
import { reconcileSales } from './sales/reconcile-sales.ts'
import { type CachedSale, isAtRest, isInDemand, type SaleCache } from './sales/sale-cache.ts'
import type { OrdersSeen } from './slots/follow-orders-seen.ts'
import type { PaymentDelay } from './slots/payment-delay.ts'
import { revokeGivenBack } from './slots/revoke.ts'

const SNAPSHOT_MS = 250
/** With sockets: admissions by other processes are pushed from the snapshot, within 250 ms. */
const SNAPSHOT_FOR_SOCKETS_MS = 150
const REST_MS = 1_000
const DISCOVER_MS = 1_000
const RECONCILE_MS = 3_000
const ARCHIVE_MS = 1_000
const LOG_BOUNDS_MS = 1_000
const REVOKE_MS = 250
/** With the freshness that accounts require below 2 s. */
const REVOCATIONS_MS = 500
const END_REVOKED_MS = 250
const ORDERS_SEEN_MS = 1_000
const PAYMENT_DELAY_MS = 1_000
const PRUNE_MS = 60_000

interface JobDeps {
  readonly line: LineRedis
  readonly pool: Pool
  readonly sales: SaleCache
  readonly log: Logger
  readonly metrics: RoomMetrics
  readonly archive: Archiver
  /** Tells whether this process does the work that only one process does. */
  isFirst(): boolean
  /** Tells which sales have open sockets here. */
  readonly hub: Pick<LiveHub, 'isWatched' | 'watched'>
  wakeRelay(): void
  readonly ordersSeen: OrdersSeen
  readonly paymentDelay: Pick<PaymentDelay, 'refresh'>
  readonly revocations: Pick<Revocations, 'refresh'>
  readonly endRevoked: Pick<EndRevoked, 'work'>
  readonly config: Pick<Config, 'passesVoidedBy'>
}

const isOver = ({ snapshot }: CachedSale): boolean => snapshot.state === 'closed' && snapshot.counts.active === 0

export interface Jobs {
  start(): void
  /** Reports that a sale is not at rest. Cheap: call it any number of times. */
  wake(): void
  /** Reports that a slot of the sale was given back in this process. */
  revokeSoon(sale: string): void
  stop(): Promise<void>
}

/**
 * Creates a process' background work: snapshots of requested sales, discovery of sales, reconciling with Postgres,
 * archiving. A failing round is counted, logged and retried.
 */
export function createJobs(deps: JobDeps): Jobs {
  const { line, pool, sales } = deps
  const warn = createRareWarnings(deps.log)
  const failed = (work: string) => (error: unknown) => {
    deps.metrics.failures.inc({ work })
    warn(work, { work, error }, 'background work failed')
  }
  const isWanted = (sale: CachedSale) => isInDemand(sale) || deps.hub.isWatched(sale.id)
  /**
   * Tells whether a sale needs a snapshot. Sales that do not admit now are read once a second (an act must be known by
   * then), those that are over much less often.
   */
  const needsSnapshot = (sale: CachedSale): boolean => {
    const ageMs = performance.now() - sale.readAtMs
    if (isOver(sale)) return ageMs > 10_000
    // Its schedule is due: a process that reads it steps in when the sale's own process does not.
    if (actsAtMs(sale.snapshot) <= sale.snapshot.number + ageMs) return true
    if (sale.snapshot.state === 'open' && !isAtRest(sale)) return true
    return ageMs > 700
  }
  const untilNextSnapshot = () => {
    const wanted = [...sales.all()].filter(isWanted)
    if (wanted.every((sale) => isAtRest(sale) || isOver(sale))) return untilNextPoll(REST_MS)
    return wanted.some(({ id }) => deps.hub.isWatched(id)) ? SNAPSHOT_FOR_SOCKETS_MS : SNAPSHOT_MS
  }
  const readSnapshots = async () => {
    const all = [...sales.all()]
    const wanted = all.filter((sale) => isWanted(sale) && needsSnapshot(sale))
    // Redis had lost it at the last read. Buyers with sockets do not poll: it is restored for them.
    const known = new Set(all.map(({ id }) => id))
    const lost = [...deps.hub.watched()].filter((id) => !known.has(id))
    const results = await Promise.allSettled([
      ...wanted.map(({ id }) => sales.refresh(id)),
      ...lost.map((id) => sales.getWithin(id, 0)),
    ])
    for (const result of results) if (result.status === 'rejected') failed('snapshot')(result.reason)
  }
  const every = (everyMs: RepeatOptions['everyMs'], name: string, work: RepeatOptions['work']): Repeated =>
    repeat({ everyMs, work, onError: failed(name) })
  const givenBack = new Set<string>()
  const revokeAll = async () => {
    const ids = [...givenBack]
    const results = await Promise.allSettled(ids.map((id) => revokeGivenBack(deps, id)))
    for (const [index, result] of results.entries()) {
      // A sale whose revocations fail does not delay the others.
      if (result.status === 'rejected') failed('revoke')(result.reason)
      else if (result.value === 0) givenBack.delete(ids[index] ?? '')
    }
  }
  const startOthers = (): readonly Repeated[] => [
    every(() => REVOKE_MS, 'revoke', revokeAll),
    every(REVOCATIONS_MS, 'identity-revocations', async () => {
      await deps.revocations.refresh()
      await deps.endRevoked.work()
    }),
    every(END_REVOKED_MS, 'end-revoked', () => deps.endRevoked.work()),
    every(ORDERS_SEEN_MS, 'orders-seen', deps.ordersSeen.exchange),
    every(PAYMENT_DELAY_MS, 'payment-delay', deps.paymentDelay.refresh),
    every(DISCOVER_MS, 'discover', () => sales.loadAll()),
    every(RECONCILE_MS, 'reconcile', async () => {
      if (deps.isFirst()) await reconcileSales({ line, pool })
    }),
    every(ARCHIVE_MS, 'archive', deps.archive.work),
    every(LOG_BOUNDS_MS, 'log-bounds', deps.archive.keepBounds),
    every(PRUNE_MS, 'prune', async () => {
      await pruneRevocations(pool)
      await pruneIdentityRevocations(pool)
    }),
  ]
  let snapshots: Repeated | undefined
  let others: readonly Repeated[] = []
  return {
    start: () => {
      snapshots = every(untilNextSnapshot, 'snapshot', readSnapshots)
      others = startOthers()
    },
    wake: () => snapshots?.runSooner(untilNextSnapshot()),
    revokeSoon: (sale) => givenBack.add(sale),
    stop: async () => {
      await Promise.all([snapshots?.stop(), ...others.map((loop) => loop.stop())])
    },
  }
}
