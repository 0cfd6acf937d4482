import { createHash } from 'node:crypto'
import fc from 'fast-check'
import type { QueryConfig } from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { commitBatch } from '../ledger/commit-batch.ts'
import type { OrderFact } from '../order/decide.ts'
import { findOrders } from '../order/find-orders.ts'
import { testSale } from '../testing/ledger.ts'
import { draft, newOrder } from '../testing/new-orders.ts'
import { createTestRebuilds, type TestRebuilds } from '../testing/rebuilds.ts'
import { createTestTransitions } from '../testing/transitions.ts'
import { createCorrectStock } from './correct-stock.ts'
import { createEndHolds, undoHold } from './end-holds.ts'
import { createTakeHold, type HoldOutcome, type TakeHold } from './hold.ts'
import { saleKeys } from './keys.ts'
import { createLoadBuyer } from './load-buyers.ts'
import { markHoldCommitted } from './mark-committed.ts'
import type { StockRedis } from './stock-redis.ts'

const keys = saleKeys(testSale)
const LIMIT = 2
let test: TestRebuilds
let stockRedis: StockRedis
let takeHold: TakeHold
beforeEach(async () => {
  test = await createTestRebuilds()
  await test.ledger.pool.query('update orders.stock set per_buyer_limit = $1', [LIMIT])
  stockRedis = test.createStockRedis()
  takeHold = createTakeHold(stockRedis, loadBuyer())
})
afterEach(() => test.remove())

const loadBuyer = () => createLoadBuyer({ pool: test.ledger.pool, redis: test.redis })
const epochNow = async () => String(await test.redis.hget(keys.meta, 'epoch'))

interface Wanted {
  readonly buyer: string
  readonly slot: string
  /** The idempotency key. */
  readonly key: string
  readonly quantity?: number
}

const orderIdOf = ({ buyer, key }: Wanted): string => {
  const hex = createHash('sha256').update(`${buyer}/${key}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const hashOf = ({ quantity = 1 }: Wanted): string => `hash of ${quantity}`

const hold = (wanted: Wanted): Promise<HoldOutcome> =>
  takeHold({
    sale: testSale,
    order: orderIdOf(wanted),
    buyer: wanted.buyer,
    slot: wanted.slot,
    requestHash: hashOf(wanted),
    mayStart: true,
    commitWithinMs: 60_000,
    draft,
    lines: [{ sku: 'apple', quantity: wanted.quantity ?? 1 }],
  })

/** Takes a hold and commits it, as checkout does; returns the hold's outcome. */
async function place(wanted: Wanted): Promise<HoldOutcome> {
  const outcome = await hold(wanted)
  if (!('hold' in outcome)) return outcome
  const { buyer, slot } = wanted
  const requestHash = hashOf(wanted)
  const { epoch, lines } = outcome.hold
  const order = { ...newOrder({ sale: testSale, lines, epoch }), id: orderIdOf(wanted), buyer, slot, requestHash }
  const times = { holdMs: 600_000, chargeMarginMs: 0 }
  const options = { pool: test.ledger.pool, times, giveUpAfterMs: 1_000, onError: () => undefined }
  const written = (await commitBatch(options, [order])).get(order.id)
  if (written?.kind !== 'placed') throw new Error(`Redis allowed what the ledger refused: ${written?.kind}`)
  await markHoldCommitted(stockRedis, { sale: testSale, order: order.id, holdExpiresAt: written.holdExpiresAt })
  return outcome
}

const apply = (order: string, fact: OrderFact, { settles = true } = {}) =>
  createTestTransitions(test.ledger.pool, {
    endHolds: settles ? createEndHolds(stockRedis) : async (ends) => ends.map(() => 'unchanged'),
    ...(settles ? { correctStock: createCorrectStock(stockRedis) } : {}),
  }).apply([{ order, fact }])

const lose = async () => {
  await test.redis.unlink(keys.meta)
  await stockRedis.rebuild(testSale)
}

it('a sale that was never rebuilt loads no buyers', async () => {
  await test.ledger.pool.query('delete from orders.fences')
  await stockRedis.rebuild(testSale)
  expect((await place({ buyer: 'ann', slot: 's1', key: 'a' })).kind).toBe('held')
  expect(await test.redis.exists(keys.loaded)).toBe(0)
})

it('buyers who arrive together after a rebuild are loaded with one statement, each once', async () => {
  const buyers = Array.from({ length: 100 }, (_, n) => ({ buyer: `buyer-${n}`, slot: `s${n}`, key: 'k', quantity: 2 }))
  await stockRedis.rebuild(testSale)
  for (const each of buyers) await place(each)
  for (const each of buyers) await apply(orderIdOf(each), 'payment-succeeded')
  await lose()
  expect(await test.redis.exists(keys.units, keys.ledger, keys.slots), 'all orders are over').toBe(0)
  const statements: string[] = []
  const { pool } = test.ledger
  const query = pool.query.bind(pool)
  const counting = Object.assign(Object.create(pool), {
    query: (...args: Parameters<typeof query>) => {
      statements.push(String(args[0]))
      return query(...args)
    },
  })
  takeHold = createTakeHold(stockRedis, createLoadBuyer({ pool: counting, redis: test.redis }))
  const again = await Promise.all(buyers.map((each) => hold({ ...each, slot: `new ${each.slot}`, key: 'another' })))
  expect(new Set(again.map(({ kind }) => kind))).toEqual(new Set(['over-limit']))
  const slots = await Promise.all(buyers.map((each) => hold({ ...each, key: 'a third' })))
  expect(new Set(slots.map(({ kind }) => kind))).toEqual(new Set(['order-exists']))
  expect(statements).toHaveLength(2)
})

it('a load overtaken by another rebuild or another load writes nothing', async () => {
  await stockRedis.rebuild(testSale)
  const first = { buyer: 'ann', slot: 's1', key: 'a' }
  await place(first)
  await apply(orderIdOf(first), 'payment-succeeded')
  await lose()
  const before = await epochNow()
  await lose()
  await loadBuyer()({ sale: testSale, buyer: 'ann', epoch: before })
  expect(await test.redis.exists(keys.loaded, keys.units)).toBe(0)

  const epoch = await epochNow()
  await loadBuyer()({ sale: testSale, buyer: 'ann', epoch })
  expect((await hold({ buyer: 'ann', slot: 's2', key: 'b' })).kind).toBe('held')
  await loadBuyer()({ sale: testSale, buyer: 'ann', epoch })
  expect(await test.redis.hget(keys.units, 'apple|ann')).toBe('2')
})

it('a stock that is rebuilt while a buyer is loaded asks for a retry', async () => {
  await stockRedis.rebuild(testSale)
  await lose()
  const slow = loadBuyer()
  takeHold = createTakeHold(stockRedis, async (buyer) => {
    await slow(buyer)
    await lose()
  })
  const wanted = { buyer: 'ann', slot: 's1', key: 'a' }
  expect((await hold(wanted)).kind).toBe('rebuild')
  takeHold = createTakeHold(stockRedis, slow)
  expect((await hold(wanted)).kind).toBe('held')
})

it('while Postgres cannot be read a buyer is rejected, and others of the same moment are not', async () => {
  await stockRedis.rebuild(testSale)
  await lose()
  await place({ buyer: 'loaded', slot: 's1', key: 'a' })
  const away = new Error('away')
  takeHold = createTakeHold(stockRedis, () => Promise.reject(away))
  const outcomes = await Promise.allSettled([
    hold({ buyer: 'new', slot: 's2', key: 'b' }),
    hold({ buyer: 'loaded', slot: 's3', key: 'c' }),
  ])
  expect(outcomes).toMatchObject([{ reason: away }, { value: { kind: 'held' } }])
})

/** Ends an order during the load of its buyer: read from Postgres, not yet in Redis. */
async function loadWhile(buyer: string, meanwhile: () => Promise<unknown>): Promise<void> {
  const { pool } = test.ledger
  const slow = Object.assign(Object.create(pool), {
    query: async (statement: QueryConfig) => {
      const rows = await pool.query(statement)
      await meanwhile()
      return rows
    },
  })
  await createLoadBuyer({ pool: slow, redis: test.redis })({ sale: testSale, buyer, epoch: await epochNow() })
}

const ENDS = ['payment-succeeded', 'payment-declined', 'hold-expired'] as const

it('a pending order that ends while its buyer is loaded counts as ended', async () => {
  await stockRedis.rebuild(testSale)
  for (const fact of ENDS) {
    const pending = { buyer: `buyer of ${fact}`, slot: `slot of ${fact}`, key: 'a' }
    await place(pending)
    await lose()
    await loadWhile(pending.buyer, () => apply(orderIdOf(pending), fact))
    const more = await hold({ ...pending, slot: `another of ${fact}`, key: 'b', quantity: LIMIT })
    expect({ fact, kind: more.kind }).toEqual({ fact, kind: fact === 'payment-succeeded' ? 'over-limit' : 'held' })
  }
})

it('a pending order counts until its end reaches Redis', async () => {
  await stockRedis.rebuild(testSale)
  for (const fact of ENDS) {
    const pending = { buyer: `buyer of ${fact}`, slot: `slot of ${fact}`, key: 'a' }
    const order = orderIdOf(pending)
    const more = () => hold({ ...pending, slot: `another of ${fact}`, key: 'b', quantity: LIMIT })
    await place(pending)
    await lose()
    await apply(order, fact, { settles: false })
    expect({ fact, kind: (await more()).kind }).toEqual({ fact, kind: 'over-limit' })
    const isSold = fact === 'payment-succeeded'
    const end = { order, sale: testSale, outcome: isSold ? ('sold' as const) : ('released' as const) }
    expect(await createEndHolds(stockRedis)([end, { ...end }])).toEqual(['settled', 'unchanged'])
    expect({ fact, kind: (await more()).kind }).toEqual({ fact, kind: isSold ? 'over-limit' : 'held' })
  }
})

const step = fc.record({
  act: fc.constantFrom('place', 'place', 'place', 'undone', 'pay', 'decline', 'expire', 'lose'),
  buyer: fc.nat({ max: 1 }),
  slot: fc.nat({ max: 2 }),
  key: fc.nat({ max: 3 }),
  quantity: fc.constantFrom(1, 2),
})

it('after any number of rebuilds a buyer is judged as by Postgres, whatever was bought before', async () => {
  let run = 0
  await stockRedis.rebuild(testSale)
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      run += 1
      for (const { act, ...numbers } of steps) {
        const buyer = `buyer-${run}-${numbers.buyer}`
        const wanted = { buyer, slot: `${buyer}-${numbers.slot}`, key: `${numbers.key}`, quantity: numbers.quantity }
        const order = orderIdOf(wanted)
        if (act === 'lose') await lose()
        else if (act === 'pay') await apply(order, 'payment-succeeded')
        else if (act === 'decline') await apply(order, 'payment-declined')
        else if (act === 'expire') await apply(order, 'hold-expired')
        else {
          const expected = await judgedByPostgres(wanted)
          const outcome = act === 'place' ? await place(wanted) : await hold(wanted)
          expect({ act, wanted, kind: outcome.kind }).toEqual({ act, wanted, kind: expected })
          if (act === 'undone' && 'hold' in outcome)
            await undoHold(stockRedis, { sale: testSale, order, attempt: outcome.hold.attempt })
        }
      }
      expect(await test.agree()).toBe(true)
    }),
    { numRuns: 30 },
  )
})

async function judgedByPostgres(wanted: Wanted): Promise<HoldOutcome['kind']> {
  const { pool } = test.ledger
  const known = (await findOrders(pool, [orderIdOf(wanted)])).get(orderIdOf(wanted))
  if (known !== undefined) return known.requestHash === hashOf(wanted) ? 'known' : 'key-reused'
  const { rows } = await pool.query(
    `select
       (select count(*)::int from orders.orders where sale = $1 and slot = $2 and cancel_reason is distinct from 'declined') as bound,
       (select coalesce(sum(units), 0)::int from orders.buyer_units where sale = $1 and buyer = $3) as units`,
    [testSale, wanted.slot, wanted.buyer],
  )
  if (rows[0].bound > 0) return 'order-exists'
  return rows[0].units + (wanted.quantity ?? 1) > LIMIT ? 'over-limit' : 'held'
}
