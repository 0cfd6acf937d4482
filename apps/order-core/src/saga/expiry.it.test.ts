import { seededRandom } from '@floodgate/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OrderFact } from '../order/decide.ts'
import { testSkus } from '../testing/ledger.ts'
import { createTestSaga, type TestSaga } from '../testing/transitions.ts'
import type { Transitions } from './transitions.ts'

let saga: TestSaga
beforeEach(async () => {
  saga = await createTestSaga()
})
afterEach(() => saga.ledger.remove())

describe('expiry', () => {
  it('ends what is overdue and nothing else, 500 at a time', async () => {
    const cart = { buyer: 'ann', skus: ['apple'] }
    await saga.ledger.place(
      Array.from({ length: 620 }, () => cart),
      { holdMs: 0 },
    )
    await saga.ledger.place([cart])
    const { expire } = saga.createProcess()
    expect([await expire(500), await expire(500), await expire(500)]).toEqual([500, 120, 0])
    expect(await saga.ledger.statuses()).toEqual({ 'cancelled(expired)': 620, pending: 1 })
    expect((await saga.ledger.count()).apple).toEqual({ held: 1, sold: 0, heldByOrders: 1, soldByOrders: 0 })
    expect(await saga.ledger.wrongUnits()).toEqual([])
  })

  it('of 500 orders while their payments arrive twice and in any order, in two processes: exact, no deadlock', async () => {
    const random = seededRandom(7)
    const carts = Array.from({ length: 500 }, (_, n) => ({
      buyer: `buyer-${n % 40}`,
      skus: testSkus.filter((_, at) => at === n % 3 || random() < 0.5),
    }))
    const orders = await saga.ledger.place(carts, { holdMs: 0 })
    const facts = orders.flatMap((order) => {
      const fact: OrderFact = random() < 0.7 ? 'payment-succeeded' : 'payment-declined'
      return [0, 1].map(() => ({ order, fact, at: random() }))
    })
    facts.sort((a, b) => a.at - b.at)
    const [one, two] = [saga.createProcess(), saga.createProcess()]
    const batches = Array.from({ length: 20 }, (_, n) => facts.slice(n * 50, n * 50 + 50))
    const feed = async (process: Transitions, mine: typeof batches) => {
      for (const batch of mine) await process.apply(batch)
    }
    const expireAll = async (process: Transitions) => {
      for (let done = 0; done < 10; done += 1) await process.expire(100)
    }
    await Promise.all([feed(one, batches.slice(0, 10)), feed(two, batches.slice(10)), expireAll(one), expireAll(two)])
    await expireAll(one)

    const statuses = await saga.ledger.statuses()
    expect(Object.values(statuses).reduce((sum, n) => sum + n, 0)).toBe(500)
    expect(statuses.pending).toBeUndefined()
    for (const { held, sold, heldByOrders, soldByOrders } of Object.values(await saga.ledger.count()))
      expect([held, sold]).toEqual([heldByOrders, soldByOrders])
    expect(await saga.ledger.wrongUnits()).toEqual([])
    expect(new Set(saga.settled.map(({ order }) => order)).size).toBe(500)
    expect(saga.settled).toHaveLength(500)
    const { rows } = await saga.ledger.pool.query(
      `select (select deadlocks from pg_stat_database where datname = current_database())::int as deadlocks,
         (select count(*) from orders.orders o where o.version <> (select max(version) from orders.outbox where key = o.id::text))::int as unannounced`,
    )
    expect(rows).toEqual([{ deadlocks: 0, unannounced: 0 }])
  })
})
