import { createMetrics } from '@floodgate/runtime'
import { eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEndHolds } from '../stock/end-holds.ts'
import { saleKeys } from '../stock/keys.ts'
import type { StockRedis } from '../stock/stock-redis.ts'
import { testSale } from '../testing/ledger.ts'
import { createTestRebuilds, type TestRebuilds } from '../testing/rebuilds.ts'
import { createTestTransitions } from '../testing/transitions.ts'
import { readHorizon } from './follow-changes.ts'
import { createReconciler } from './reconciler.ts'
import { createRoundLease } from './round-lease.ts'

let core: TestRebuilds
beforeEach(async () => {
  core = await createTestRebuilds()
})
afterEach(() => core.remove())

/** Writes the stock to Redis, at the epoch of the test orders. */
const written = async (): Promise<StockRedis> => {
  await core.ledger.pool.query('update orders.fences set epoch = 0')
  const stockRedis = core.createStockRedis()
  await stockRedis.rebuild(testSale)
  return stockRedis
}
const reconcilerOf = (stockRedis: StockRedis, { restMs }: { restMs?: number } = {}) =>
  createReconciler({
    ...(restMs === undefined ? {} : { restMs }),
    pool: core.ledger.pool,
    stockRedis,
    log: silentLogger,
    metrics: createMetrics('test'),
    wakeRelay: () => undefined,
  })
const age = (interval: string) =>
  core.ledger.pool.query('update orders.orders set updated_at = updated_at - $1::interval', [interval])
const callsOf = async (command: string): Promise<number> =>
  Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(await core.redis.info('commandstats'))?.[1] ?? 0)
const placed = (orders: number) => Array.from({ length: orders }, (_, n) => ({ buyer: `b${n}`, skus: ['apple'] }))

describe('the lease of a round', () => {
  const leaseOf = (leaseMs: number) => createRoundLease({ pool: core.ledger.pool, name: 'reconcile', leaseMs })

  it('lets one process at a time do it, and the next one as soon as it is released', async () => {
    const [one, other] = [leaseOf(60_000), leaseOf(60_000)]
    expect([await one.hold(), await other.hold(), await one.hold()]).toEqual([true, false, true])
    await other.release()
    expect(await other.hold()).toBe(false)
    await one.release()
    expect([await other.hold(), await one.hold()]).toEqual([true, false])
  })

  it('ends by itself after a process died', async () => {
    await leaseOf(1).hold()
    await eventually(async () => expect(await leaseOf(60_000).hold()).toBe(true))
  })

  it('keeps a second process from reconciling, until the first one stops', async () => {
    const stockRedis = await written()
    const [one, other] = [reconcilerOf(stockRedis), reconcilerOf(stockRedis)]
    const holder = async () => (await core.ledger.pool.query('select holder from orders.rounds')).rows[0]?.holder
    one.start()
    const first = await eventually(async () => {
      const now = await holder()
      expect(now).not.toBe('')
      return now
    })
    other.start()
    await one.stop()
    await eventually(async () => expect(await holder()).not.toBe(first))
    await other.stop()
  })
})

describe('a round', () => {
  it('follows everything that changed since the last one, however much it is', async () => {
    const stockRedis = await written()
    const { reconcile } = reconcilerOf(stockRedis)
    await core.ledger.place(placed(1_200))
    await age('6 seconds')
    await reconcile(testSale)
    expect(await core.redis.zcard(saleKeys(testSale).holds)).toBe(1_200)
  })

  it('reads each change once, and none that a transaction in progress may still precede', async () => {
    const stockRedis = await written()
    const { reconcile } = reconcilerOf(stockRedis)
    await core.ledger.place(placed(10))
    await age('6 seconds')
    await reconcile(testSale)
    const before = await callsOf('evalsha')
    await reconcile(testSale)
    // The counters are read, but no order.
    expect((await callsOf('evalsha')) - before).toBeLessThanOrEqual(2)

    const slow = await core.ledger.pool.connect()
    await slow.query('begin')
    const { rows } = await slow.query<{ began: Date }>('select now() as began')
    await eventually(async () => {
      const { rows: clock } = await core.ledger.pool.query<{ old: boolean }>(
        `select clock_timestamp() > $1::timestamptz + interval '6 seconds' as old`,
        [rows[0]?.began],
      )
      expect(clock[0]?.old).toBe(true)
    })
    const { horizon } = await readHorizon(core.ledger.pool)
    expect(horizon.getTime()).toBeLessThan(rows[0]?.began.getTime() ?? 0)
    await slow.query('rollback')
    slow.release()
  })

  it('compares the counters of a sale at rest once', async () => {
    const stockRedis = await written()
    const { round } = reconcilerOf(stockRedis)
    await core.ledger.place(placed(3))
    await age('6 seconds')
    // The first rounds restore records, find that the counters differ, and rebuild them.
    await eventually(async () => {
      await round()
      const before = await callsOf('hgetall')
      for (let more = 0; more < 5; more += 1) await round()
      expect(await callsOf('hgetall')).toBe(before)
      expect(await core.agree()).toBe(true)
    })
  })

  it('heals vouchers of a sale at rest that Redis does not count', async () => {
    const stockRedis = await written()
    const { round } = reconcilerOf(stockRedis)
    await core.ledger.pool.query(
      `with campaign as (
         insert into orders.voucher_campaigns (sale, id, name, kind, amount_minor, total, issued)
         values ($1, 'spring', 'Spring', 'fixed', 30, 5, 2) returning sale, id)
       insert into orders.vouchers (sale, campaign, buyer) select sale, id, 'b' || n from campaign, generate_series(1, 2) as n`,
      [testSale],
    )
    await eventually(async () => {
      await round()
      expect(await core.agree()).toBe(true)
    })
    expect(await core.redis.hgetall(saleKeys(testSale).claimed)).toEqual({ spring: '2' })
  })

  it('skips a closed sale at rest for a while, and only that', async () => {
    const stockRedis = await written()
    const { pool } = core.ledger
    const looksOf = async (round: () => Promise<void>) => {
      const before = await callsOf('zrangebyscore')
      for (let more = 0; more < 3; more += 1) await round()
      return (await callsOf('zrangebyscore')) - before
    }
    const { round, reconcile } = reconcilerOf(stockRedis, { restMs: 600_000 })
    await round()
    expect(await looksOf(round), 'it is open').toBe(3)
    await pool.query(`insert into orders.sales (id, state, version, closed_at) values ($1, 'closed', 1, now())`, [
      testSale,
    ])
    const [order] = await core.ledger.place(placed(1))
    await age('6 seconds')
    await stockRedis.rebuild(testSale, { force: true })
    await round()
    expect(await looksOf(round), 'something is held').toBe(3)
    await pool.query(
      `with ended as (update orders.orders set status = 'confirmed', version = 2 where id = $1 returning sale)
       update orders.stock set held = 0, sold = 1 where sku = 'apple' and sale = (select sale from ended)`,
      [order],
    )
    expect(await createEndHolds(stockRedis)([{ order: String(order), sale: testSale, outcome: 'sold' }])).toEqual([
      'settled',
    ])
    await eventually(async () => {
      await round()
      expect(await looksOf(round)).toBe(0)
    })
    const before = await callsOf('zrangebyscore')
    await reconcile(testSale)
    expect((await callsOf('zrangebyscore')) - before, 'it is requested').toBe(1)
    await pool.query('update orders.sales set closed_at = null where id = $1', [testSale])
    expect(await looksOf(round), 'it is open again').toBe(3)
    const restless = reconcilerOf(stockRedis, { restMs: 0 })
    await pool.query('update orders.sales set closed_at = now() where id = $1', [testSale])
    await restless.round()
    expect(await looksOf(restless.round), 'its rest is over').toBe(3)
  })

  it('retires a past sale by the ids of its orders, without scanning the keys of all sales', async () => {
    const { pool } = core.ledger
    const stockRedis = await written()
    const { round } = reconcilerOf(stockRedis)
    await core.ledger.place(placed(1_100))
    await age('6 seconds')
    await round()
    await core.redis.set('oc:{o:other}:hold:1', 'of another sale')
    await pool.query(`update orders.orders set status = 'confirmed', version = 2`)
    await pool.query('update orders.stock set sold = held, held = 0')
    await pool.query(
      `insert into orders.sales (id, state, version, closed_at) values ($1, 'closed', 1, now() - interval '25 hours')`,
      [testSale],
    )
    await round()
    expect(await core.redis.keys('oc:*')).toEqual(['oc:{o:other}:hold:1'])
    expect(await callsOf('scan')).toBe(0)
    // Reopened, it is live at once.
    await pool.query(`update orders.sales set state = 'open', closed_at = null, version = 2`)
    await round()
    await eventually(async () => expect(await core.redis.exists(saleKeys(testSale).meta)).toBe(1))
    await stockRedis.stop()
  })

  it('retires a sale that still holds something a month after its close, and rebuilds it when that ends', async () => {
    const { pool } = core.ledger
    const stockRedis = await written()
    const { round } = reconcilerOf(stockRedis)
    const [order = ''] = await core.ledger.place(placed(1))
    await pool.query(
      `insert into orders.parked (order_id, sale, fact, reason, dropped_at) values ($1, $2, 'hold-expired', 'test', now())`,
      [order, testSale],
    )
    await age('6 seconds')
    await pool.query(
      `insert into orders.sales (id, state, version, closed_at) values ($1, 'closed', 1, now() - interval '29 days')`,
      [testSale],
    )
    await round()
    expect(await core.redis.exists(saleKeys(testSale).meta)).toBe(1)
    await pool.query(`update orders.sales set closed_at = now() - interval '31 days'`)
    await round()
    expect(await core.redis.keys('oc:*')).toEqual([])
    expect(await core.ledger.statuses()).toEqual({ pending: 1 })

    const { apply } = createTestTransitions(pool, { endHolds: createEndHolds(stockRedis) })
    await apply([{ order, fact: 'cancelled-by-operator' }])
    await stockRedis.rebuild(testSale)
    expect(await core.agree()).toBe(true)
    expect(await core.ledger.count()).toMatchObject({ apple: { held: 0, sold: 0 } })
    await round()
    expect(await core.redis.keys('oc:*')).toEqual([])
    await stockRedis.stop()
  })
})
