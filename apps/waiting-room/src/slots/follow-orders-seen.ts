import type { SubscriptionHealth } from '@floodgate/event-bus'
import { defineScript, runScript } from '@floodgate/redis'
import type { LineRedis } from '../redis/line-redis.ts'
import { isDeadReport, latestDeadlineMs, type OrdersReport } from './orders-seen.ts'

const ORDERS_SEEN_KEY = 'wr:orders-seen'

const reportScript = defineScript({
  name: 'report-orders-seen',
  file: new URL('./report-orders-seen.lua', import.meta.url),
  numberOfKeys: 1,
})

export interface OrdersSeen {
  /** Reports for this process and reads the other reports; once a second. */
  exchange(): Promise<void>
  /** Returns the latest safe deadline, see `latestDeadlineMs`. */
  latestDeadlineMs(): number
}

/**
 * Shares among all processes the time up to which all of them together have seen the orders. A process that ends leaves
 * its report, which expires with age: until another process has taken its partitions over, no other report covers them.
 */
export function followOrdersSeen(deps: {
  line: Pick<LineRedis, 'redis' | 'now'>
  process: string
  health(): Pick<SubscriptionHealth, 'caughtUpAgeMs'> | undefined
}): OrdersSeen {
  const { redis, now } = deps.line
  let reports: readonly OrdersReport[] = []
  /** The times of Redis and of this process at the last exchange. */
  let exchanged = { redisMs: 0, atMs: performance.now() }

  function seenAge(): string | number {
    const ageMs = deps.health()?.caughtUpAgeMs
    if (ageMs === undefined) return '-'
    return Number.isFinite(ageMs) ? ageMs : 'never'
  }

  return {
    exchange: async () => {
      const args = [now(), deps.process, seenAge()]
      const reply = (await runScript(redis, reportScript, { keys: [ORDERS_SEEN_KEY], args })) as [number, ...string[]]
      const [redisMs, ...flat] = reply
      exchanged = { redisMs, atMs: performance.now() }
      const all = new Map<string, OrdersReport>()
      for (let at = 0; at + 1 < flat.length; at += 2) all.set(flat[at] ?? '', parseReport(flat[at + 1] ?? ''))
      const dead = [...all].flatMap(([process, report]) => (isDeadReport(report, redisMs) ? [process] : []))
      if (dead.length > 0) await redis.hdel(ORDERS_SEEN_KEY, ...dead)
      reports = [...all.values()]
    },
    latestDeadlineMs: () =>
      latestDeadlineMs(reports, exchanged.redisMs + Math.floor(performance.now() - exchanged.atMs)),
  }
}

function parseReport(record: string): OrdersReport {
  const [reportedAt, seenUntil] = record.split(' ')
  return { reportedAtMs: Number(reportedAt), seenUntilMs: seenUntil === '-' ? undefined : Number(seenUntil) }
}
