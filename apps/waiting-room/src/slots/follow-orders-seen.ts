import type { SubscriptionHealth } from '@floodgate/event-bus'
import { defineScript, runScript } from '@floodgate/redis'
import type { LineRedis } from '../redis/line-redis.ts'
import { isDeadReport, latestDeadlineMs, type OrdersReport } from './orders-seen.ts'

/** hash: process → "reportedAtMs seenUntilMs", the latter '-' without partitions */
const ORDERS_SEEN_KEY = 'wr:orders-seen'
const NEVER_MS = 0

const reportScript = defineScript({
  name: 'report-orders-seen',
  file: new URL('./report-orders-seen.lua', import.meta.url),
  numberOfKeys: 1,
})

export interface OrdersSeen {
  /** Reports for this process and learns what the others reported; once a second. */
  readonly exchange: () => Promise<void>
  /** See `latestDeadlineMs`. */
  readonly latestDeadlineMs: () => number
}

/**
 * Lets all processes know until when all of them together have seen the orders. A process that ends leaves its report, which ends by
 * its age: until another process has taken its partitions over, nobody else reports on them.
 */
export function followOrdersSeen(deps: {
  line: Pick<LineRedis, 'redis'>
  process: string
  health: () => Pick<SubscriptionHealth, 'caughtUpAgeMs'> | undefined
  now?: () => number
}): OrdersSeen {
  const { redis } = deps.line
  const now = deps.now ?? Date.now
  let reports: readonly OrdersReport[] = []

  function report(): string {
    const health = deps.health()
    if (health === undefined || health.caughtUpAgeMs === undefined) return `${now()} -`
    const seenUntilMs = Number.isFinite(health.caughtUpAgeMs) ? Math.floor(now() - health.caughtUpAgeMs) : NEVER_MS
    return `${now()} ${seenUntilMs}`
  }

  return {
    exchange: async () => {
      await runScript(redis, reportScript, { keys: [ORDERS_SEEN_KEY], args: [deps.process, report()] })
      const all = Object.entries(await redis.hgetall(ORDERS_SEEN_KEY)).map(([process, text]) => {
        const [reportedAt, seenUntil] = text.split(' ')
        const seenUntilMs = seenUntil === '-' ? undefined : Number(seenUntil)
        return { process, report: { reportedAtMs: Number(reportedAt), seenUntilMs } }
      })
      const dead = all.filter((each) => isDeadReport(each.report, now())).map(({ process }) => process)
      if (dead.length > 0) await redis.hdel(ORDERS_SEEN_KEY, ...dead)
      reports = all.map((each) => each.report)
    },
    latestDeadlineMs: () => latestDeadlineMs(reports, now()),
  }
}
