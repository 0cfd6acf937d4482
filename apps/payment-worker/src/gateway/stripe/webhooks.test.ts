import Stripe from 'stripe'
import { expect, test } from 'vitest'
import { createReadWebhook } from './webhooks.ts'

const stripe = new Stripe('sk_test_0123456789abcdef')
const [OLD, NEW] = ['whsec_the_secret_before_this', 'whsec_the_secret_of_today_x']
const read = createReadWebhook(stripe, [NEW, OLD])
const ORDER = '0f8fad5b-d9cb-469f-a165-70867728950e'
const body = JSON.stringify({
  ...{ id: 'evt_1', object: 'event', type: 'payment_intent.succeeded' },
  data: { object: { id: 'pi_1', metadata: { floodgate_order: ORDER } } },
})
const nowSeconds = Math.floor(Date.now() / 1_000)
const sign = (payload: string, secret = NEW, timestamp = nowSeconds) => ({
  'stripe-signature': stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp }),
})

test.each([
  ['of today', NEW],
  ['before a change of the secret', OLD],
])('a webhook signed with the secret %s is a hint to look at its order', (_, secret) => {
  expect(read({ headers: sign(body, secret), body })).toEqual({ kind: 'hint', orderId: ORDER })
})

test.each<[string, Record<string, string>, string]>([
  ['without a signature', {}, body],
  ['with an empty signature', { 'stripe-signature': '' }, body],
  ['with another secret', sign(body, 'whsec_another_secret_0000'), body],
  ['changed after it was signed', sign(body), body.replace('succeeded', 'canceled')],
  ['signed ten minutes ago', sign(body, NEW, nowSeconds - 600), body],
  ['that is not JSON', sign('no json'), 'no json'],
])('a webhook is refused %s', (_, headers, text) => {
  const reading = read({ headers, body: text })
  expect(reading).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/./) })
  expect(JSON.stringify(reading)).not.toContain('whsec_')
})

test('a webhook about something else is ignored', () => {
  for (const object of [{}, { metadata: {} }, { metadata: { floodgate_order: 'no id' } }]) {
    const other = JSON.stringify({ id: 'evt_2', object: 'event', type: 'customer.created', data: { object } })
    expect(read({ headers: sign(other), body: other })).toEqual({ kind: 'ignored' })
  }
})

test('without a secret every webhook is refused', () => {
  expect(createReadWebhook(stripe, [])({ headers: sign(body), body })).toMatchObject({ kind: 'refused' })
})
