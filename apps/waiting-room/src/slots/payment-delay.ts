import { eventGuard, type FloodgateEvent } from '@floodgate/contracts'
import { serverOf } from '@floodgate/redis'
import type { LineRedis } from '../redis/line-redis.ts'

/** string: exists while payments are delayed */
const PAYMENT_DELAY_KEY = 'wr:payments-delayed'
/** No announcement counts for longer, whatever the clock of its process says. */
const DELAY_MS_MAX = 120_000

const isAboutPayments = eventGuard(['payment.delayed.v1', 'payment.resumed.v1'])

/**
 * Stores the newest news about delayed payments for all processes. A delay expires by itself unless it is announced
 * again: an order core that died must not slow the lines for ever. Events without such news change nothing.
 */
export async function notePaymentDelay(
  { redis }: Pick<LineRedis, 'redis'>,
  events: readonly FloodgateEvent[],
  nowMs: number,
): Promise<void> {
  const [newest] = events.filter(isAboutPayments).toSorted((a, b) => b.aggregateVersion - a.aggregateVersion)
  if (newest === undefined) return
  const untilMs = newest.type === 'payment.delayed.v1' ? Date.parse(newest.data.until) : 0
  const lastsMs = Math.min(untilMs - nowMs, DELAY_MS_MAX)
  const server = serverOf(redis, PAYMENT_DELAY_KEY)
  if (lastsMs > 0) await server.set(PAYMENT_DELAY_KEY, '1', 'PX', Math.ceil(lastsMs))
  else await server.del(PAYMENT_DELAY_KEY)
}

export interface PaymentDelay {
  /** Reads it again; once a second. */
  refresh(): Promise<void>
  /** Returns the share of each sale's rate at which buyers are admitted: 1 unless payments are delayed. */
  rateShare(): number
}

/** Follows whether payments are delayed. After a failed read the last one counts. */
export function followPaymentDelay({
  line,
  delayedPercent,
}: {
  readonly line: Pick<LineRedis, 'redis'>
  readonly delayedPercent: number
}): PaymentDelay {
  let isDelayed = false
  return {
    refresh: async () => {
      isDelayed = (await serverOf(line.redis, PAYMENT_DELAY_KEY).exists(PAYMENT_DELAY_KEY)) === 1
    },
    rateShare: () => (isDelayed ? delayedPercent / 100 : 1),
  }
}
