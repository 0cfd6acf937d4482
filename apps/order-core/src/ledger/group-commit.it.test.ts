import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { eventDefinition } from '@floodgate/contracts'
import { createTestDatabase, eventually, type TestDatabase } from '@floodgate/testkit'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NewOrder } from '../order/order.ts'
import { createSale, ledgerDifferences, line, newOrder } from '../testing/new-orders.ts'
import { commitBatch } from './commit-batch.ts'

let database: TestDatabase
let pool: Pool
beforeAll(async () => {
  database = await createTestDatabase({ connectionsMax: 6 })
  pool = database.pool
})
afterAll(() => database?.remove())

const commit = (batch: readonly NewOrder[]) =>
  commitBatch(
    { pool, times: { holdMs: 600_000, chargeMarginMs: 1_000 }, giveUpAfterMs: 2_000, onError: () => undefined },
    batch,
  )
const kinds = (outcomes: Awaited<ReturnType<typeof commit>>, batch: readonly NewOrder[]) =>
  batch.map((order) => outcomes.get(order.id)?.kind)

describe('the group commit', () => {
  it('writes rows, lines, stock, units and valid events in one statement', async () => {
    await createSale(pool, {
      sale: 'one',
      items: [
        { sku: 'a', total: 10 },
        { sku: 'b', total: 10 },
      ],
    })
    const batch = [
      newOrder({
        sale: 'one',
        lines: [line('a', 2), line('b')],
        paymentMethod: 'a "quoted" \\ method',
        sealedPaymentMethod: undefined,
      }),
      newOrder({ sale: 'one', lines: [line('b')], paymentMethod: 'pm_4711', sealedPaymentMethod: 'sealed' }),
    ]
    expect(kinds(await commit(batch), batch)).toEqual(['placed', 'placed'])
    expect(await ledgerDifferences(pool, 'one')).toEqual([])
    const { rows } = await pool.query('select type, key, data from orders.outbox order by id')
    expect(rows).toHaveLength(2)
    for (const row of rows) eventDefinition(row.type)?.data.parse(JSON.parse(row.data))
    const [clear, sealed] = batch.map(({ id }) => rows.find(({ key }) => key === id))
    expect(clear).toMatchObject({ type: 'order.placed.v1', data: expect.stringContaining('quoted') })
    expect(sealed).toMatchObject({ type: 'order.placed.v2', data: expect.stringContaining('sealedPaymentMethod') })
    expect(sealed?.data).not.toContain('pm_4711')
  })

  it('returns the row for a repetition, and stale for a hold of an older fence', async () => {
    await createSale(pool, { sale: 'two', items: [{ sku: 'a', total: 10 }] })
    const order = newOrder({ sale: 'two', lines: [line('a')] })
    await commit([order])
    const stale = newOrder({ sale: 'two', lines: [line('a')], epoch: 7 })
    const again = await commit([stale, order])
    expect(again.get(order.id)).toMatchObject({ kind: 'existing', order: { id: order.id, lines: [line('a')] } })
    expect(again.get(stale.id)).toEqual({ kind: 'stale' })
    expect(await ledgerDifferences(pool, 'two')).toEqual([])
  })

  it('allocates what fits when the checks reject the batch: in order of arrival, all lines or none', async () => {
    await createSale(pool, {
      sale: 'three',
      items: [
        { sku: 'a', total: 3, limit: 2 },
        { sku: 'b', total: 1 },
      ],
    })
    const batch = [
      newOrder({ sale: 'three', lines: [line('a', 2)], buyer: 'greedy' }),
      newOrder({ sale: 'three', lines: [line('a')], buyer: 'greedy' }),
      newOrder({ sale: 'three', lines: [line('a'), line('b', 2)] }),
      newOrder({ sale: 'three', lines: [line('a'), line('b')] }),
      newOrder({ sale: 'three', lines: [line('a')] }),
      newOrder({ sale: 'three', lines: [line('gone')] }),
    ]
    const outcomes = await commit(batch)
    expect(kinds(outcomes, batch)).toEqual(['placed', 'over-limit', 'sold-out', 'placed', 'sold-out', 'sold-out'])
    expect(await ledgerDifferences(pool, 'three')).toEqual([])
    const { rows } = await pool.query(`select sku, held from orders.stock where sale = 'three' order by sku`)
    expect(rows).toEqual([
      { sku: 'a', held: 3 },
      { sku: 'b', held: 1 },
    ])
  })

  it('writes one live order per slot, in one batch, in two at once, and when stock runs out; all others continue', async () => {
    await createSale(pool, { sale: 'slots', items: [{ sku: 'a', total: 9 }] })
    const ofSlot = (slot: string) => newOrder({ sale: 'slots', slot, lines: [line('a')] })
    const twice = [ofSlot('one'), ofSlot('one'), ofSlot('two')]
    expect(kinds(await commit(twice), twice).sort()).toEqual(['order-exists', 'placed', 'placed'])

    const crowd = Array.from({ length: 6 }, () => [ofSlot('three'), ofSlot('four'), ofSlot('five')])
    const outcomes = await Promise.all(crowd.map(commit))
    const placed = crowd.flatMap((batch, index) =>
      kinds(outcomes[index] ?? new Map(), batch).filter((kind) => kind === 'placed'),
    )
    expect(placed).toHaveLength(3)
    const late = [ofSlot('three'), ...Array.from({ length: 6 }, () => ofSlot(crypto.randomUUID()))]
    const last = await commit(late)
    // Four are left for six: sorted out row by row.
    expect(kinds(last, late).filter((kind) => kind === 'placed')).toHaveLength(4)
    expect(last.get(late[0]?.id ?? '')).toMatchObject({ kind: 'order-exists', order: { slot: 'three' } })
    expect(await ledgerDifferences(pool, 'slots')).toEqual([])
    const { rows } = await pool.query(
      `select slot from orders.orders where sale = 'slots' group by slot having count(*) > 1`,
    )
    expect(rows).toEqual([])
  })

  it.each([
    ['declined', true],
    ['abandoned', true],
    ['declined-final', false],
    ['expired', false],
    ['by-buyer', false],
    ['by-operator', false],
  ])('after an order that ended as %s its slot is free: %s', async (reason, free) => {
    const sale = `after-${reason}`
    await createSale(pool, { sale, items: [{ sku: 'a', total: 9 }] })
    const order = () => newOrder({ sale, slot: 'one', lines: [line('a')] })
    const first = order()
    await commit([first])
    await pool.query(`update orders.orders set status = 'cancelled', cancel_reason = $2 where id = $1`, [
      first.id,
      reason,
    ])
    const next = order()
    expect((await commit([next])).get(next.id)?.kind).toBe(free ? 'placed' : 'order-exists')
  })

  it('accepts two orders of one slot that are older than the rule', async () => {
    await createSale(pool, { sale: 'old', items: [{ sku: 'a', total: 9 }] })
    const [first, second] = [1, 2].map(() => newOrder({ sale: 'old', slot: 'one', lines: [line('a')] }))
    if (first === undefined || second === undefined) throw new Error('two orders')
    await commit([first])
    await pool.query(`update orders.orders set slot_bound = null where sale = 'old'`)
    expect((await commit([second])).get(second.id)?.kind).toBe('placed')
  })

  it('one poisonous order harms no other', async () => {
    await createSale(pool, { sale: 'four', items: [{ sku: 'a', total: 100 }] })
    const batch = Array.from({ length: 17 }, () => newOrder({ sale: 'four', lines: [line('a')] }))
    batch[5] = newOrder({ sale: 'four', lines: [line('a')], paymentMethod: 'a\0b' })
    const outcomes = await commit(batch)
    expect(kinds(outcomes, batch).filter((kind) => kind === 'placed')).toHaveLength(16)
    expect(outcomes.get(batch[5]?.id ?? '')).toEqual({ kind: 'poisonous' })
    expect(await ledgerDifferences(pool, 'four')).toEqual([])
  })

  it('waits for a fence that is being rebuilt, and then writes no order of the old one', async () => {
    await createSale(pool, { sale: 'five', items: [{ sku: 'a', total: 10 }] })
    const rebuild = await pool.connect()
    await rebuild.query('begin')
    await rebuild.query(`select from orders.fences where sale = 'five' for update`)
    const order = newOrder({ sale: 'five', lines: [line('a')] })
    const committing = commit([order])
    await eventually(async () => {
      const { rows } = await pool.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      expect(rows).toHaveLength(1)
    })
    await rebuild.query(`update orders.fences set epoch = 2 where sale = 'five'`)
    await rebuild.query('commit')
    rebuild.release()
    expect((await committing).get(order.id)).toEqual({ kind: 'stale' })
    expect(await ledgerDifferences(pool, 'five')).toEqual([])
  })
})

describe('three processes, 20 SKUs, carts in opposite orders', () => {
  const writer = fileURLToPath(new URL('../testing/writer-process.ts', import.meta.url))
  const run = promisify(execFile)

  it('never deadlock, and leave an exact ledger, also when stock runs out on the way', async () => {
    const skus = 20
    const items = Array.from({ length: skus }, (_, number) => ({
      sku: `sku-${number}`,
      total: number < 10 ? 100_000 : 150,
    }))
    await createSale(pool, { sale: 'six', items })
    const outputs = await Promise.all(
      [1, 2, 3].map((seed) => run(process.execPath, [writer, database.url, 'six', String(seed), '1500', String(skus)])),
    )
    const counts = outputs.map(({ stdout }) => JSON.parse(stdout) as Record<string, number>)
    const sum = (kind: string) => counts.reduce((total, each) => total + (each[kind] ?? 0), 0)
    expect(sum('placed') + sum('sold-out')).toBe(4_500)
    expect(sum('sold-out')).toBeGreaterThan(0)
    expect(await ledgerDifferences(pool, 'six')).toEqual([])
    const { rows: written } = await pool.query(`select count(*)::int as orders from orders.orders where sale = 'six'`)
    expect(written[0]?.orders).toBe(sum('placed'))
    const { rows } = await pool.query('select deadlocks from pg_stat_database where datname = current_database()')
    expect(rows[0]?.deadlocks).toBe(0)
  })
})
