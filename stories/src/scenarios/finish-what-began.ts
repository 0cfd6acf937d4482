import { setTimeout as delay } from 'node:timers/promises'
import { createPool } from '@floodgate/database'
import { eventually } from '@floodgate/testkit'
import { expect } from 'vitest'
import type { TestSystem } from '../client/test-system.ts'

/** Long enough for an admission on a slow machine before the sale ends. */
const ENDS_IN_MS = 4_000
const HOUR_MS = 3_600_000
/** Longer in total than the order core caches a sale, which is a second. */
const PROBES = 5
const PROBE_MS = 300

interface Cause {
  readonly saleState: 'open' | 'paused' | 'closed'
  bring(sale: string): Promise<void>
}

/**
 * Expects that an admitted buyer may order until the admission expires, whatever happens to the sale: both apps agree
 * once they know of the change, and the admission is the one that the buyer had before.
 */
export async function finishWhatBegan(testSystem: TestSystem): Promise<void> {
  const { operator, system } = testSystem
  const closeAt = (sale: string, at: number) => operator.createSale(sale, { closesAt: new Date(at).toISOString() })
  const causes: Readonly<Record<string, Cause>> = {
    'end-passes': { saleState: 'closed', bring: async (sale) => void (await closeAt(sale, Date.now() + ENDS_IN_MS)) },
    'end-at-once': { saleState: 'closed', bring: async (sale) => void (await operator.act(sale, 'close')) },
    halt: { saleState: 'paused', bring: async (sale) => void (await operator.act(sale, 'pause')) },
    extension: {
      saleState: 'open',
      bring: async (sale) => {
        const end = Date.now() + ENDS_IN_MS
        await closeAt(sale, end)
        await closeAt(sale, end + HOUR_MS)
        await eventually(async () => expect(Date.now()).toBeGreaterThan(end))
      },
    },
  }
  const pool = createPool(system.databaseUrl, { max: 1 })
  try {
    await Promise.all(
      Object.entries(causes).map(async ([sale, { saleState, bring }]) => {
        await operator.openSale(sale)
        const buyer = await testSystem.admitted(`inside-${sale}`, sale)
        const { expiresAt } = await buyer.untilAdmitted()
        await bring(sale)
        await eventually(async () => {
          expect(await buyer.status()).toMatchObject({ state: 'admitted', saleState, expiresAt })
          const { rows } = await pool.query('select state from orders.sales where id = $1', [sale])
          expect(rows).toEqual([{ state: saleState }])
        })
        const responses = []
        for (let at = 1; at <= PROBES; at += 1) {
          responses.push((await buyer.tryToOrder({ key: `${sale}-${at}`, items: [{ sku: 'BOAT', quantity: 1 }] })).text)
          await delay(PROBE_MS)
        }
        for (const text of responses) expect(JSON.parse(text), sale).toMatchObject({ code: 'unknown-sku' })
        await buyer.untilOrderIs((await buyer.order()).id, 'confirmed')
      }),
    )
  } finally {
    await pool.end()
  }
}
