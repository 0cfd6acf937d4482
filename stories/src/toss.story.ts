import { bodyOf } from '@floodgate/client'
import { eventually } from '@floodgate/testkit'
import { expect, test } from 'vitest'
import type { Buyer } from './client/buyer.ts'
import { coat } from './client/coats.ts'
import { withSystem } from './client/test-system.ts'
import { expectStock } from './scenarios/expect-stock.ts'
import { comeBack, orderAndDecide } from './scenarios/pay-at-provider.ts'

const testSystem = withSystem({ environment: { 'payment-worker': { PAYMENT_PROVIDER: 'toss' } } })

/** Opens a sale in won. */
async function openSale(sale: string): Promise<void> {
  const { operator } = testSystem()
  const items = [{ ...coat(10), listPriceMinor: 49_000, salePriceMinor: 39_000 }]
  await operator.openSale(sale, { items })
  await bodyOf(operator.cores.putCatalogue({ params: { sale }, body: { currency: 'KRW', items } }))
}

/** Orders, and makes a choice on the page of the provider. */
function orderAndLeave(buyer: Buyer, choice: string) {
  return orderAndDecide(buyer, 'toss', (redirectUrl) =>
    fetch(redirectUrl, { method: 'POST', body: new URLSearchParams({ choice }), redirect: 'manual' }),
  )
}

test('a purchase through Toss Payments is charged once the buyer is back, and never for a hold that has ended', async () => {
  const { provider, inbox } = testSystem()
  const sale = 'in-won'
  await openSale(sale)
  const [buyer, poor, gone] = await Promise.all(
    ['buyer', 'poor', 'gone'].map((name) => testSystem().admitted(`toss-${name}`, sale)),
  )
  if (buyer === undefined || poor === undefined || gone === undefined) throw new Error('There are three buyers.')
  const [bought, declined, left] = await Promise.all([
    orderAndLeave(buyer, 'pay'),
    orderAndLeave(poor, 'pay-without-money'),
    orderAndLeave(gone, 'pay'),
  ])
  expect(await provider.chargesOf(bought.id)).toEqual([])
  expect((await gone.tryToCancel(left.id)).status).toBe(200)
  const returns = [
    [buyer, bought],
    [buyer, bought],
    [poor, declined],
    [gone, left],
  ] as const
  await Promise.all(returns.map(([each, from]) => comeBack(testSystem(), each, from)))

  expect(await buyer.untilOrderIs(bought.id, 'confirmed')).toMatchObject({ totalMinor: 39_000, currency: 'KRW' })
  expect(await poor.untilOrderEnded(declined.id)).toMatchObject({ status: 'cancelled', cancelReason: 'declined' })
  await eventually(async () => {
    expect(await provider.chargesOf(bought.id)).toMatchObject([{ status: 'approved', amountMinor: 39_000 }])
    expect((await inbox.mailsTo(buyer.email))[0]?.text).toContain('39,000')
  })
  expect(await provider.chargesOf(left.id)).toEqual([])
  await expectStock(testSystem(), sale, { available: 9, held: 0, sold: 1 })
})
