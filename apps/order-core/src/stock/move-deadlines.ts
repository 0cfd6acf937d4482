import { defineScript, type RedisClient, runScript } from '@floodgate/redis'
import { saleKeys } from './keys.ts'

const script = defineScript({
  name: 'move-deadlines',
  file: new URL('./move-deadlines.lua', import.meta.url),
  numberOfKeys: 1,
})

/**
 * Lets other overdue holds of the sale go first: holds are taken by their score, so those that stay overdue would block
 * the others. The deadline only moves later, and only if the hold still exists: it may have been adopted or ended
 * meanwhile.
 */
export async function putBehind(
  redis: RedisClient,
  { sale, orders, untilMs }: { sale: string; orders: readonly string[]; untilMs: number },
): Promise<void> {
  if (orders.length === 0) return
  await runScript(redis, script, { keys: [saleKeys(sale).holds], args: [untilMs, 'later', ...orders] })
}

/** Makes a parked hold due again, so that the next round processes it. */
export function createWakeHold(redis: RedisClient): (hold: { sale: string; order: string }) => Promise<void> {
  return async function wakeHold({ sale, order }) {
    await runScript(redis, script, { keys: [saleKeys(sale).holds], args: [0, 'any', order] })
  }
}
