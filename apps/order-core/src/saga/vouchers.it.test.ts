import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OrderFact } from '../order/decide.ts'
import { testSale } from '../testing/ledger.ts'
import { createTestSaga, type TestSaga } from '../testing/transitions.ts'

let saga: TestSaga
beforeEach(async () => {
  saga = await createTestSaga()
  await saga.ledger.pool.query(
    `insert into orders.voucher_campaigns (sale, id, name, kind, amount_minor, total, issued)
     values ($1, 'spring', 'Spring', 'fixed', 30, 100, 100)`,
    [testSale],
  )
  await saga.ledger.pool.query(
    `insert into orders.vouchers (sale, campaign, buyer) select $1, 'spring', 'buyer-' || n from generate_series(0, 99) as n`,
    [testSale],
  )
})
afterEach(() => saga.ledger.remove())

const cart = (n: number) => ({ buyer: `buyer-${n}`, skus: ['apple'], voucher: 'spring' })
const place = async (n: number) => String((await saga.ledger.place([cart(n)]))[0])
const voucherOf = async (n: number) => {
  const { rows } = await saga.ledger.pool.query(
    'select state, order_id as "order" from orders.vouchers where sale = $1 and buyer = $2',
    [testSale, `buyer-${n}`],
  )
  return rows[0]
}

describe('the voucher of an order', () => {
  it.each<[OrderFact, 'used' | 'issued']>([
    ['payment-succeeded', 'used'],
    ['payment-declined', 'issued'],
    ['hold-expired', 'issued'],
    ['cancelled-by-buyer', 'issued'],
    ['cancelled-by-operator', 'issued'],
  ])('after %s is %s, however often it is reported', async (fact, state) => {
    const order = await place(1)
    expect(await voucherOf(1)).toEqual({ state: 'reserved', order })
    const requests = [{ order, fact }]
    const { apply } = saga.createProcess()
    await Promise.all([apply([...requests, ...requests]), saga.createProcess().apply(requests)])
    expect(await voucherOf(1)).toEqual({ state, order: state === 'used' ? order : null })
    const [event] = (await saga.eventsOf(order)).slice(-1)
    expect(JSON.parse(event?.data ?? '')).toMatchObject({ discountMinor: 30, totalMinor: 70 })
  })

  it('that was given back and taken again stays with its new order when the old one is paid late and refunded', async () => {
    const first = await place(1)
    const { apply } = saga.createProcess()
    await apply([{ order: first, fact: 'hold-expired' }])
    const second = await place(1)
    const late: OrderFact[] = ['payment-succeeded', 'payment-refunded']
    await apply(late.map((fact) => ({ order: first, fact })))
    expect(await voucherOf(1)).toEqual({ state: 'reserved', order: second })
    await apply([{ order: second, fact: 'payment-succeeded' }])
    expect(await voucherOf(1)).toEqual({ state: 'used', order: second })
  })

  it('is given back or used exactly once while a hundred orders end twice in two processes', async () => {
    const orders = await saga.ledger.place(Array.from({ length: 100 }, (_, n) => cart(n)))
    const requests = orders.map((order, n) => ({
      order,
      fact: n % 3 === 0 ? ('payment-succeeded' as const) : ('payment-declined' as const),
    }))
    const parts = [0, 25, 50, 75].map((from) => requests.slice(from, from + 25))
    const [one, two] = [saga.createProcess(), saga.createProcess()]
    await Promise.all([...parts.map((part) => one.apply(part)), ...parts.map((part) => two.apply(part.toReversed()))])
    const { rows } = await saga.ledger.pool.query(
      `select state, count(*)::int as n, count(order_id)::int as with_order from orders.vouchers group by 1 order by 1`,
    )
    expect(rows).toEqual([
      { state: 'issued', n: 66, with_order: 0 },
      { state: 'used', n: 34, with_order: 34 },
    ])
    expect(await saga.ledger.wrongUnits()).toEqual([])
  })
})
