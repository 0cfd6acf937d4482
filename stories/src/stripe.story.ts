import { eventually } from '@floodgate/testkit'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { send } from './client/http.ts'
import { withSystem } from './client/test-system.ts'
import { expectStock } from './scenarios/expect-stock.ts'
import { comeBack, orderAndDecide, orderUntilRedirect } from './scenarios/pay-at-provider.ts'

const SECRET = 'whsec_of_the_story_of_stripe'
const testSystem = withSystem({
  environment: {
    'payment-worker': { PAYMENT_PROVIDER: 'stripe', STRIPE_CAPTURE: 'manual', STRIPE_WEBHOOK_SECRETS: SECRET },
  },
})

const NEEDS_BANK = 'pm_card_authenticationRequired'
/** Decides on the bank's page of 3-D Secure. */
const decide = (agree: boolean) => (redirectUrl: string) =>
  fetch(`${redirectUrl}/decision?agree=${agree}`, { method: 'POST', redirect: 'manual' })

const payments = z.object({
  data: z.array(
    z.object({
      ...{ status: z.string(), amount_received: z.int(), capture_method: z.string() },
      metadata: z.record(z.string(), z.string()),
    }),
  ),
})
/** Returns the state of the order's payments at Stripe. */
async function paymentsOf(order: string) {
  const url = `${testSystem().system.urls.paymentSimulator}/v1/payment_intents?limit=100`
  const { text } = await send('GET', url, { headers: { authorization: 'Bearer sk_test_story' } })
  const { data } = payments.parse(JSON.parse(text))
  return data.flatMap(({ status, amount_received: taken, capture_method: capture, metadata }) =>
    metadata.floodgate_order === order ? [{ status, taken, capture }] : [],
  )
}
/** Waits for the state of the order's one payment, which Stripe has taken only if it was captured. */
const paid = (order: string, status: string, taken: number) =>
  eventually(async () => expect(await paymentsOf(order)).toEqual([{ status, taken, capture: 'manual' }]))

test('a purchase through Stripe with 3-D Secure is authorized, confirmed, and only then is its money taken', async () => {
  const sale = 'with-the-bank'
  await testSystem().operator.openSale(sale)
  const [buyer, refuser, gone, late] = await Promise.all(
    ['buyer', 'refuser', 'gone', 'late'].map((name) => testSystem().admitted(`stripe-${name}`, sale)),
  )
  if (buyer === undefined || refuser === undefined || gone === undefined || late === undefined)
    throw new Error('There are four buyers.')
  const [bought, refused, left] = await Promise.all([
    orderAndDecide(buyer, NEEDS_BANK, decide(true)),
    orderAndDecide(refuser, NEEDS_BANK, decide(false)),
    orderUntilRedirect(gone, NEEDS_BANK),
  ])
  expect((await gone.tryToCancel(left.id)).status).toBe(200)
  // Alone, since the worker looks at the payment by itself after some seconds.
  const agreed = await orderAndDecide(late, NEEDS_BANK, decide(true))
  expect((await late.tryToCancel(agreed.id)).status).toBe(200)
  await Promise.all([comeBack(testSystem(), buyer, bought), comeBack(testSystem(), refuser, refused)])

  const { totalMinor } = await buyer.untilOrderIs(bought.id, 'confirmed')
  await paid(bought.id, 'succeeded', totalMinor)
  expect(await refuser.untilOrderEnded(refused.id)).toMatchObject({ status: 'cancelled', cancelReason: 'declined' })
  await late.untilOrderIs(agreed.id, 'refunded')
  await paid(agreed.id, 'canceled', 0)
  await paid(left.id, 'canceled', 0)
  await decide(true)(left.redirectUrl)
  expect(await paymentsOf(left.id), 'who agrees afterwards pays nothing').toMatchObject([
    { status: 'canceled', taken: 0 },
  ])
  await expectStock(testSystem(), sale, { available: 9, held: 0, sold: 1 })
})

test('a buyer who agrees and never comes back has bought as soon as the webhook arrives, however often it comes', async () => {
  const sale = 'without-a-way-back'
  const { operator, system } = testSystem()
  await operator.openSale(sale)
  const webhookUrl = `${system.urls.paymentWorker}/payments/webhooks/stripe`
  await send('POST', `${system.urls.paymentSimulator}/stripe/control`, {
    body: { webhookUrl, webhookSecret: SECRET, webhookCopies: 5 },
  })
  const buyer = await testSystem().admitted('stripe-silent', sale)
  const { id } = await orderAndDecide(buyer, NEEDS_BANK, decide(true))
  const { totalMinor } = await buyer.untilOrderIs(id, 'confirmed')
  await paid(id, 'succeeded', totalMinor)
  expect(await testSystem().provider.chargesOf(id)).toMatchObject([{ status: 'approved', amountMinor: totalMinor }])
})
