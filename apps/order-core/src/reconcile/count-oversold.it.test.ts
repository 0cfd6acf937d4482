import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestLedger, type TestLedger, testSale } from '../testing/ledger.ts'
import { createOversoldCount } from './count-oversold.ts'

let ledger: TestLedger
beforeEach(async () => {
  ledger = await createTestLedger()
})
afterEach(() => ledger.remove())

const NAME = 'floodgate_stock_oversold_units'
/** Counts in a new process; undefined: no figure. */
const countAnew = async (): Promise<number | undefined> => {
  const registry = new Registry()
  await createOversoldCount({ pool: ledger.pool, metrics: registry }).count()
  return figureOf(registry)
}
const figureOf = async (registry: Registry): Promise<number | undefined> =>
  (await registry.getSingleMetric(NAME)?.get())?.values[0]?.value

it('the orders themselves are counted, whatever the counters of the ledger say', async () => {
  const [first = '', second = ''] = await ledger.place([
    { buyer: 'ann', skus: ['apple'] },
    { buyer: 'ben', skus: ['apple'] },
  ])
  expect(await countAnew()).toBe(0)
  await ledger.pool.query(`update orders.order_lines set quantity = 20000 where order_id = $1`, [first])
  const { rows } = await ledger.pool.query<{ total: number }>(`select total from orders.stock where sku = 'apple'`)
  const beyond = 20_001 - (rows[0]?.total ?? 0)
  expect(await countAnew()).toBe(beyond)
  await ledger.pool.query(`update orders.order_lines set sku = 'unknown' where order_id = $1`, [second])
  expect(await countAnew(), 'an item that the catalogue lacks has none to sell').toBe(beyond)
  await ledger.pool.query(`update orders.orders set status = 'cancelled', cancel_reason = 'expired' where id = $1`, [
    first,
  ])
  expect(await countAnew(), 'only the unknown item').toBe(1)
})

it('a sale that closed more than ten minutes ago is counted no more', async () => {
  const [order = ''] = await ledger.place([{ buyer: 'ann', skus: ['apple'] }])
  await ledger.pool.query(`update orders.order_lines set quantity = 20000 where order_id = $1`, [order])
  await ledger.pool.query(
    `insert into orders.sales (id, state, version, closed_at) values ($1, 'closed', 1, now() - interval '11 minutes')
     on conflict (id) do update set closed_at = excluded.closed_at`,
    [testSale],
  )
  expect(await countAnew()).toBe(0)
})

it('a failed attempt is not repeated within a minute: a slow statement must not fill every round', async () => {
  let attempts = 0
  async function query(): Promise<never> {
    attempts += 1
    throw new Error('statement timeout')
  }
  const oversold = createOversoldCount({ pool: { query } as unknown as typeof ledger.pool, metrics: new Registry() })
  await expect(oversold.count()).rejects.toThrow('statement timeout')
  await oversold.count()
  expect(attempts).toBe(1)
})

it('only the process that counts has a figure, and it counts once a minute', async () => {
  const registry = new Registry()
  const oversold = createOversoldCount({ pool: ledger.pool, metrics: registry })
  expect(await figureOf(registry)).toBeUndefined()
  await oversold.count()
  expect(await figureOf(registry)).toBe(0)
  await ledger.place([{ buyer: 'ann', skus: ['apple'] }])
  await ledger.pool.query(`update orders.order_lines set quantity = 20000`)
  await oversold.count()
  expect(await figureOf(registry)).toBe(0)
  oversold.forget()
  expect(await figureOf(registry)).toBeUndefined()
  await oversold.count()
  expect(await figureOf(registry)).toBeGreaterThan(9_000)
})
