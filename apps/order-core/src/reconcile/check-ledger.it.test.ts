import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRequestRefund } from '../refunds/request-refund.ts'
import { testSale } from '../testing/ledger.ts'
import { createTestRefundDeps } from '../testing/refunds.ts'
import { createTestSaga, type TestSaga } from '../testing/transitions.ts'
import { checkLedger, compareLedger } from './check-ledger.ts'

const NONE = { ok: true, ordersDeleted: false, findings: [] }
let saga: TestSaga
/** Orders of buyers with vouchers: pending, paid, declined, and paid and refunded in part. */
let orders: readonly string[]
const query = (text: string) => saga.ledger.pool.query(text)

beforeAll(async () => {
  saga = await createTestSaga()
  await query(`insert into orders.voucher_campaigns (sale, id, name, kind, amount_minor, total, issued)
    values ('${testSale}', 'spring', 'Spring', 'fixed', 30, 9, 5)`)
  await query(`insert into orders.vouchers (sale, campaign, buyer)
    select '${testSale}', 'spring', 'buyer-' || n from generate_series(0, 4) as n`)
  const cart = (n: number) => ({ buyer: `buyer-${n}`, skus: ['apple', 'bread'], voucher: 'spring' })
  orders = await saga.ledger.place([0, 1, 2, 3].map(cart))
  const [, paid = '', declined = '', refunded = ''] = orders
  await saga.createProcess().apply([
    { order: paid, fact: 'payment-succeeded' },
    { order: declined, fact: 'payment-declined' },
    { order: refunded, fact: 'payment-succeeded' },
  ])
  const asked = { requestHash: 'hash', restock: true, reason: 'test', by: 'operator' as const }
  const items = [{ sku: 'apple', quantity: 1 }]
  const request = createRequestRefund(createTestRefundDeps(saga.ledger.pool))
  expect(await request({ ...asked, id: crypto.randomUUID(), order: refunded, items })).toEqual({ kind: 'requested' })
})
afterAll(() => saga.ledger.remove())

/** Checks a ledger after a change that is then undone. */
async function checkAfter(change: string, sale = testSale): Promise<Awaited<ReturnType<typeof compareLedger>>> {
  const client = await saga.ledger.pool.connect()
  try {
    await client.query('begin')
    await client.query(change)
    return await compareLedger(client, sale)
  } finally {
    await client.query('rollback')
    client.release()
  }
}

describe('the ledger of a sale', () => {
  it('adds up while orders with vouchers are pending, paid, declined and refunded in part', async () => {
    expect(await checkLedger(saga.ledger.pool, testSale)).toEqual(NONE)
    expect(await checkLedger(saga.ledger.pool, 'unknown')).toBeUndefined()
  })

  it.each([
    ['held units that no order has', 'items', `update orders.stock set held = held + 1 where sku = 'apple'`],
    ['sold units that a refund put back', 'items', `update orders.refunds set restock = false`],
    ["a buyer's units", 'limits', `update orders.buyer_units set units = 9 where buyer = 'buyer-1' and sku = 'bread'`],
    ['a price without its discount', 'amounts', `update orders.orders set total_minor = 171 where buyer = 'buyer-1'`],
    ['a refund that is not counted', 'refunds', `update orders.orders set refunds_minor = 0 where refunds_minor > 0`],
    ['more refunded units than bought', 'refunded-units', 'update orders.refund_lines set quantity = 2'],
    ['vouchers that are not counted', 'campaigns', 'update orders.voucher_campaigns set issued = 4'],
    [
      'a voucher given back by a paid order',
      'vouchers',
      `update orders.vouchers set state = 'issued', order_id = null where buyer = 'buyer-1'`,
    ],
    [
      'a voucher still reserved by a paid order',
      'vouchers',
      `update orders.vouchers set state = 'reserved' where buyer = 'buyer-1'`,
    ],
    ['a voucher of another buyer', 'vouchers', `update orders.vouchers set buyer = 'buyer-9' where buyer = 'buyer-1'`],
    [
      'a voucher of an order that was declined',
      'vouchers',
      `update orders.vouchers set state = 'used', order_id = (select id from orders.orders where status = 'cancelled')
       where buyer = 'buyer-4'`,
    ],
  ])('does not add up with %s', async (_, what, breaks) => {
    const checked = await checkAfter(breaks)
    expect(checked?.ok).toBe(false)
    expect(checked?.findings.find((finding) => finding.what === what)).toMatchObject({ count: 1 })
    expect(checked?.findings.flatMap(({ examples }) => examples).length).toBeGreaterThan(0)
  })

  it('is not compared with orders that may have been deleted', async () => {
    const close = `insert into orders.sales (id, state, version, closed_at)
      values ('${testSale}', 'closed', 3, now() - interval '9 days')`
    const keep = `insert into orders.retention (kept_since) values (now() - interval '1 day')`
    const checked = await checkAfter(`${close}; ${keep}; delete from orders.orders`)
    expect(checked).toEqual({ ...NONE, ordersDeleted: true })
  })

  it('is not compared with vouchers that were deleted, in a sale whose vouchers nobody used', async () => {
    const past = `insert into orders.catalogues (sale, currency) values ('unused', 'EUR');
      insert into orders.voucher_campaigns (sale, id, name, kind, amount_minor, total, issued)
        values ('unused', 'spring', 'Spring', 'fixed', 30, 9, 5);
      insert into orders.sales (id, state, version, closed_at, pruned_at)
        values ('unused', 'closed', 3, now() - interval '99 days', now())`
    expect(await checkAfter(past, 'unused')).toEqual({ ...NONE, ordersDeleted: true })
  })
})
