import { createTestDatabase, type TestDatabase, tablesWith } from '@floodgate/testkit'
import type { Pool } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eraseCharges } from './erase-orders.ts'

let database: TestDatabase
let pool: Pool
beforeAll(async () => {
  database = await createTestDatabase()
  pool = database.pool
})
afterAll(() => database.remove())

const insert = async (status: string, method: string) => {
  const { rows } = await pool.query<{ id: string }>(
    `insert into payments.charges (order_id, key, sale, amount_minor, currency, payment_method, sealed_payment_method, status,
       provider_charge_id, charge_by, reason)
     values (gen_random_uuid(), gen_random_uuid(), 'demo', 100, 'EUR', $2, $2, $1, 'c', now(), 'no money on ' || $2) returning order_id as id`,
    [status, method],
  )
  return rows[0]?.id ?? ''
}

it('payment methods are erased, amounts stay, and an open charge keeps its method until it is settled', async () => {
  const [paid, open, other] = [
    await insert('approved', 'pm_erased'),
    await insert('unknown', 'pm_needed'),
    await insert('approved', 'pm_of_another'),
  ]
  const refundOf = (order: string, status: string) =>
    pool.query(
      `insert into payments.refunds (order_id, request_version, key, status) values ($1::uuid, 3, $1::text, $2)`,
      [order, status],
    )
  await refundOf(paid, 'refused')
  const erased = await eraseCharges(pool, { orders: [paid, open] })
  expect(erased.erased).toEqual({ 'payments.charges': 1, 'payments.refunds': 0 })
  expect(erased.remaining.map(({ order }) => order).toSorted()).toEqual([paid, open].toSorted())
  expect(await tablesWith(pool, 'pm_erased')).toEqual([])
  expect(await tablesWith(pool, 'pm_needed')).toEqual(['payments.charges'])

  await pool.query(`update payments.charges set status = 'approved' where order_id = $1`, [open])
  await pool.query(`update payments.refunds set status = 'refunded'`)
  const again = await eraseCharges(pool, { orders: [paid, open] })
  expect(again).toEqual({ erased: { 'payments.charges': 1, 'payments.refunds': 0 }, remaining: [] })
  expect(await tablesWith(pool, 'pm_needed')).toEqual([])
  expect(await tablesWith(pool, 'pm_of_another')).toEqual(['payments.charges'])
  const reasons = await pool.query('select reason from payments.charges where order_id = $1', [paid])
  expect(reasons.rows).toEqual([{ reason: 'no money on …' }])
  const { rows } = await pool.query('select amount_minor from payments.charges where order_id = any ($1)', [
    [paid, open, other],
  ])
  expect(rows).toEqual([{ amount_minor: 100 }, { amount_minor: 100 }, { amount_minor: 100 }])
})
