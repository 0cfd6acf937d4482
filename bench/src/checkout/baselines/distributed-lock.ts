import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { withTransaction } from '@floodgate/database'
import { defineScript, type Redis, runScript } from '@floodgate/redis'
import type { Pool } from 'pg'
import { type Line, SoldOut, type Strategy, soldOutOr, type WantedOrder, writeOrder } from './order-store.ts'
import { bySku } from './pg-transaction.ts'

interface StockRow {
  readonly held: number
  readonly sold: number
  readonly total: number
  readonly priceMinor: number
}

const readStock = {
  name: 'baseline-read-stock',
  text: `select held, sold, total, sale_price_minor as "priceMinor" from orders.stock where sale = $1 and sku = $2`,
}
const writeStock = {
  name: 'baseline-write-stock',
  text: 'update orders.stock set held = $3 where sale = $1 and sku = $2',
}
const unlockScript = defineScript({
  name: 'baseline-unlock',
  file: new URL('./unlock.lua', import.meta.url),
  numberOfKeys: 1,
})

const LEASE_MS = 10_000
const RETRY_MS_FIRST = 2
const RETRY_MS_MAX = 16

/**
 * Places orders with a lock in Redis per SKU (`SET NX PX`, own token, jittered retries, released by a script) around a
 * transaction that reads the stock, checks it in code and writes the new value back: only the lock prevents two buyers
 * from getting the same unit.
 */
export function createDistributedLock({ pool, redis }: { readonly pool: Pool; readonly redis: Redis }): Strategy {
  async function lock(key: string): Promise<() => Promise<void>> {
    const token = randomUUID()
    for (let attempt = 0; (await redis.set(key, token, 'PX', LEASE_MS, 'NX')) === null; attempt += 1)
      await delay(backOffMs(attempt, Math.random()))
    return async function unlock() {
      await runScript(redis, unlockScript, { keys: [key], args: [token] })
    }
  }

  const place = (wanted: WantedOrder): Promise<string> =>
    withTransaction(pool, async (client) => {
      const { sale } = wanted.admission
      const lines: Line[] = []
      for (const { sku, quantity } of wanted.body.items.toSorted(bySku)) {
        const { rows } = await client.query<StockRow>({ ...readStock, values: [sale, sku] })
        const [stock] = rows
        if (stock === undefined || stock.held + stock.sold + quantity > stock.total) throw new SoldOut()
        await client.query({ ...writeStock, values: [sale, sku, stock.held + quantity] })
        lines.push({ sku, quantity, priceMinor: stock.priceMinor })
      }
      return writeOrder(client, wanted, lines)
    })

  return async function placeOrder(wanted) {
    const unlocks: (() => Promise<void>)[] = []
    try {
      for (const { sku } of wanted.body.items.toSorted(bySku))
        unlocks.push(await lock(`bench:lock:${wanted.admission.sale}:${sku}`))
      return await soldOutOr(place(wanted))
    } finally {
      // Released after the commit; before it, another buyer would read the old stock.
      await Promise.all(unlocks.map((unlock) => unlock()))
    }
  }
}

/** Exponential, with full jitter. Pure. */
const backOffMs = (attempt: number, chance: number): number =>
  1 + chance * Math.min(RETRY_MS_MAX, RETRY_MS_FIRST * 2 ** attempt)
