import { createBoundedMap } from '@floodgate/async'
import { createRareWarnings, type Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { TickerDeps } from './admission/ticker.ts'
import type { Archiver } from './archive/archiver.ts'
import type { Jobs } from './jobs.ts'
import type { LiveHub } from './live/live-hub.ts'
import type { RoomMetrics } from './metrics.ts'
import type { PurchaseSpans } from './purchase-spans.ts'
import type { LineRedis } from './redis/line-redis.ts'
import type { RecentActs } from './sales/recent-acts.ts'
import { recordScheduledAct, retireSale } from './sales/reconcile-sales.ts'
import type { RestartReporter } from './sales/restart-reporter.ts'
import type { SaleCache } from './sales/sale-cache.ts'
import type { TraceLog } from './trace-log.ts'

/** Maximum number of scheduled acts noted per minute; any more are recorded more often than once a second. */
const DUE_ACTS_MAX = 20_000
const DUE_ACTS_KEPT_MS = 60_000
/** Interval of recording. Each tick reports a scheduled act again until it is recorded. */
const RECORD_MS = 1_000

export interface AfterTickDeps {
  readonly line: LineRedis
  readonly pool: Pool
  readonly log: Logger
  wakeRelay(): void
  readonly metrics: RoomMetrics
  readonly sales: SaleCache
  readonly restartReporter: RestartReporter
  readonly recentActs: RecentActs
  /** Returns the id of the key that signs admissions now. */
  kid(): string
  readonly archive: Archiver
  readonly jobs: Jobs
  readonly traceLog: TraceLog
  readonly spans: Pick<PurchaseSpans, 'admitted'>
  readonly hub: LiveHub
}

/** Creates the effects of ticks in this process, besides the slots that they give and take. */
export function createAfterTick(deps: AfterTickDeps): Pick<TickerDeps, 'onTick' | 'onDue' | 'onOver'> {
  const { line, sales, restartReporter, archive, jobs, traceLog, spans, hub } = deps
  const warn = createRareWarnings(deps.log)
  const recordedAtMs = createBoundedMap<number>(DUE_ACTS_MAX, { keptMs: DUE_ACTS_KEPT_MS })
  return {
    onTick: (sale, tick, ms) => {
      const { admitted } = tick
      deps.metrics.noteTick(tick, ms)
      sales.recordPlace(sale, tick.highestPlace)
      restartReporter.noteSeen(sale, { logId: tick.newestLogId })
      deps.recentActs.note(
        sale,
        admitted.map((each) => ({ ...each, atMs: tick.nowMs, kid: deps.kid() })),
      )
      archive.note(sale, tick.newestLogId)
      if (tick.leaving > 0) jobs.revokeSoon(sale)
      traceLog.admitted(sale, admitted)
      spans.admitted(sale, admitted, ms)
      traceLog.flushJoins(sale)
      // The line's log contains the admission: reading it now notifies our sockets before the next snapshot.
      if (admitted.some(({ buyer }) => hub.isListening(sale, buyer)))
        sales.refreshAfterWrite(sale).catch(() => undefined)
    },
    onDue: (sale, act) => {
      const what = `${sale} ${act}`
      if (performance.now() - (recordedAtMs.get(what) ?? Number.NEGATIVE_INFINITY) < RECORD_MS) return
      recordedAtMs.set(what, performance.now())
      recordScheduledAct(deps, sale, act).catch((error: unknown) =>
        warn(what, { sale, act, error }, 'scheduled act not recorded'),
      )
    },
    onOver: async (sale) => {
      if (archive.isBehind(sale)) return false
      await retireSale(line, sale)
      restartReporter.forget(sale)
      return true
    },
  }
}
