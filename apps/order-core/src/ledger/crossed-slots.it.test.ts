import { sqlState } from '@floodgate/database'
import { createTestDatabase, eventually, type TestDatabase } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { NewOrder } from '../order/order.ts'
import { createSale, ledgerDifferences, line, newOrder } from '../testing/new-orders.ts'
import { commitBatch } from './commit-batch.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase({ connectionsMax: 4 })
})
afterAll(() => database?.remove())

const sale = 'crossed'
/** Orders are written by id. */
const order = (place: number, slot: string) =>
  newOrder({ id: `00000000-0000-4000-8000-00000000000${place}`, sale, slot, lines: [line('a')] })

it('two batches that wait for each other, since two buyers ordered twice at once: one is sent again, and both are exact', async () => {
  const { pool } = database
  await createSale(pool, { sale, items: [{ sku: 'a', total: 9 }] })
  const failures: (string | undefined)[] = []
  const commit = (batch: readonly NewOrder[]) =>
    commitBatch(
      {
        ...{ pool, times: { holdMs: 600_000, chargeMarginMs: 1_000 }, giveUpAfterMs: 60_000 },
        onError: (error) => failures.push(sqlState(error)),
      },
      batch,
    )
  // Keeps both batches between their first and their last order.
  const between = await pool.connect()
  await between.query('begin')
  await between.query(
    `insert into orders.orders (id, sale, buyer, slot, request_hash, status, total_minor, currency, payment_method,
       sealed_email, hold_expires_at, charge_by, slot_bound)
     values (gen_random_uuid(), $1, '', 'between', '', 'pending', 0, '', '', '', now(), now(), true)`,
    [sale],
  )
  const batches = [
    [order(1, 'ann'), order(3, 'between'), order(5, 'bob')],
    [order(2, 'bob'), order(4, 'between'), order(6, 'ann')],
  ]
  const committing = batches.map(commit)
  await eventually(async () => {
    const { rows } = await pool.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    expect(rows).toHaveLength(2)
  })
  await between.query('rollback')
  between.release()

  const outcomes = await Promise.all(committing)
  const kinds = outcomes.map((ofBatch, index) => batches[index]?.map(({ id }) => ofBatch.get(id)?.kind).join(' '))
  expect(kinds.toSorted()).toEqual(['order-exists order-exists order-exists', 'placed placed placed'])
  expect(failures).toEqual(['40P01'])
  expect(await ledgerDifferences(pool, sale)).toEqual([])
})
