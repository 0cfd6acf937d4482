import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { lineKeys, salesKey } from '../redis/keys.ts'
import { type LineRedis, whileRedisIsThere } from '../redis/line-redis.ts'
import { listSales, projectSale } from './project-sale.ts'
import { isUntouched } from './sale.ts'
import { changeSale, listCurrentSales } from './sale-store.ts'

/**
 * Repairs projections to Redis that were missed or lost. An intact one costs the read of one field. One process at a
 * time is enough.
 */
export async function reconcileSales({ line, pool }: { line: LineRedis; pool: Pool }): Promise<void> {
  const sales = await listCurrentSales(pool)
  const versions = await whileRedisIsThere(() =>
    Promise.all(sales.map((sale) => line.redis.hget(lineKeys(sale.id).sale, 'version'))),
  )
  // A process may have died between the two writes of a projection.
  const live = sales.filter(({ state }) => state !== 'closed').map(({ id }) => id)
  if (live.length > 0) await listSales(line, live)
  for (const [index, sale] of sales.entries()) {
    if (Number(versions[index] ?? 0) >= sale.version) continue
    await projectSale(line, sale, { act: 'restored', isNew: isUntouched(sale, Date.now()) })
  }
}

/**
 * Records an act of the schedule in Redis: the row, the audit, the event; then the projection, which ends `due`. The
 * first process does it; the others find the sale in its new state.
 */
export async function recordScheduledAct(
  { line, pool, log, wakeRelay }: { line: LineRedis; pool: Pool; log: Logger; wakeRelay(): void },
  id: string,
  act: 'open' | 'close',
): Promise<void> {
  const nowMs = Date.now()
  const { after, changed } = await changeSale(pool, id, {
    act,
    actor: 'schedule',
    change: (before) => {
      if (before === undefined) return undefined
      const dueAt = act === 'open' ? before.opensAt : before.closesAt
      const fits = act === 'open' ? before.state === 'scheduled' : before.state !== 'closed'
      // Rescheduled meanwhile: the projection of the newer version undoes what Redis did early. A second for the
      // clocks.
      if (!fits || dueAt === null || dueAt.getTime() > nowMs + 1_000) return undefined
      return { ...before, state: act === 'open' ? 'open' : 'closed', version: before.version + 1 }
    },
  })
  if (changed) {
    wakeRelay()
    log.info({ sale: id, act }, 'scheduled act recorded')
  }
  if (after !== undefined) await projectSale(line, after, { act, isNew: false })
}

/** Removes a sale that is over from the set of live ones. Its keys already expire. */
export async function retireSale(line: LineRedis, id: string): Promise<void> {
  await whileRedisIsThere(() => line.redis.srem(salesKey, id))
}

/** Adds a sale that was over to the set of live ones again: it is ticked until all of its log is archived. */
export async function reviveSale(line: LineRedis, id: string): Promise<void> {
  await listSales(line, [id])
}
