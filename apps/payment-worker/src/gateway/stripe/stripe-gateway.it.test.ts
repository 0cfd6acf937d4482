import { randomUUID } from 'node:crypto'
import { simulatedCharges } from '@floodgate/contracts'
import { startPaymentSimulator } from '@floodgate/simulators'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { UNPACED } from '../../testing/unpaced.ts'
import type { Attempt, PaymentGateway } from '../payment-gateway.ts'
import { createStripeGateway, type StripeGatewayOptions } from './stripe-gateway.ts'

const signal = new AbortController().signal
const HOUR_MS = 3_600_000

const RESILIENCE = {
  pace: UNPACED,
  timeoutMs: 30_000,
  triesMax: 3,
  retryDelayMs: 5,
  breakerFailures: 100,
  breakerOpenMs: 100,
}

let simulator: Awaited<ReturnType<typeof startPaymentSimulator>>
let stripe: PaymentGateway
beforeAll(async () => {
  simulator = await startPaymentSimulator()
})
afterAll(() => simulator.stop())
beforeEach(async () => {
  await control({ mode: 'ok' })
  await face({ fails: { times: 0 }, writesPerSecondMax: 1_000 })
  stripe = createGateway()
})

function createGateway(changes: Partial<StripeGatewayOptions> = {}): PaymentGateway {
  return createStripeGateway({
    url: simulator.url,
    secretKey: 'sk_test_0123456789abcdef',
    webhookSecrets: [],
    paymentMethodTypes: ['card'],
    captureMethod: 'automatic',
    returnUrl: 'http://127.0.0.1:7100/sales/{sale}?payment={order}',
    listedDays: 0,
    resilience: RESILIENCE,
    ...changes,
  })
}

const post = (path: string, body: object) =>
  fetch(`${simulator.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const control = (behaviour: object) => post('/control', behaviour)
const face = (behaviour: object) => post('/stripe/control', behaviour)

function createAttempt(changes: Partial<Attempt> = {}): Attempt {
  const orderId = changes.orderId ?? randomUUID()
  const money = { amountMinor: 1_250, currency: 'EUR' }
  return { key: orderId, orderId, sale: 'demo', ...money, reference: null, openedAtMs: Date.now(), ...changes }
}
const begin = (attempt: Attempt, paymentMethod = 'pm_card_visa') => stripe.begin({ ...attempt, paymentMethod }, signal)

async function chargesOf({ orderId }: Attempt) {
  const { charges } = simulatedCharges.parse(await (await fetch(`${simulator.url}/charges`)).json())
  return charges.filter((charge) => charge.orderId === orderId)
}

async function needsBuyer(attempt: Attempt) {
  const outcome = await begin(attempt, 'pm_card_authenticationRequired')
  if (outcome.kind !== 'needs-buyer') throw new Error(outcome.kind)
  return { ...outcome, attempt: { ...attempt, reference: outcome.reference } }
}
const decide = (redirectUrl: string, agree: boolean) =>
  fetch(`${redirectUrl}/decision?agree=${agree}`, { method: 'POST', redirect: 'manual' })

describe('a charge', () => {
  test('is made once for its key, however often it is sent', async () => {
    const attempt = createAttempt()
    const first = await begin(attempt)
    expect(first).toMatchObject({ kind: 'approved', chargeId: expect.stringMatching(/^pi_/) })
    expect(await begin(attempt)).toEqual(first)
    expect(await chargesOf(attempt)).toMatchObject([{ amountMinor: 1_250, currency: 'EUR', status: 'approved' }])
  })

  test.each([
    ['pm_card_chargeDeclinedInsufficientFunds', /^insufficient_funds: /],
    ['pm_card_chargeDeclined', /^generic_decline: /],
    ['pm_that_does_not_exist', /^resource_missing: /],
  ])('is declined with the reason of the bank or of Stripe: %s', async (method, reason) => {
    expect(await begin(createAttempt(), method)).toEqual({ kind: 'declined', reason: expect.stringMatching(reason) })
  })

  test('is sent in the digits of Stripe, and declined where those cannot say it', async () => {
    const krona = createAttempt({ amountMinor: 5, currency: 'ISK' })
    expect(await begin(krona)).toMatchObject({ kind: 'approved' })
    expect(await chargesOf(krona)).toMatchObject([{ amountMinor: 500, currency: 'ISK' }])
    expect(await begin(createAttempt({ amountMinor: 1_255, currency: 'KWD' }))).toMatchObject({ kind: 'declined' })
  })

  test('whose response is lost is looked up by sending it again, and made once', async () => {
    const attempt = createAttempt()
    await control({ mode: 'hang' })
    stripe = createGateway({ resilience: { ...RESILIENCE, timeoutMs: 500 } })
    expect(await begin(attempt)).toMatchObject({ kind: 'unavailable', unknown: true })
    stripe = createGateway()
    await control({ mode: 'ok' })
    expect(await begin(attempt)).toMatchObject({ kind: 'approved' })
    expect(await chargesOf(attempt)).toHaveLength(1)
  })

  test('is unknown while another call with its key is in progress', async () => {
    const attempt = createAttempt()
    await control({ mode: 'ok', delayMs: 600 })
    const [first, second] = await Promise.all([begin(attempt), begin(attempt)])
    expect([first.kind, second.kind].sort()).toEqual(['approved', 'unavailable'])
    expect(await chargesOf(attempt)).toHaveLength(1)
  })

  test('that took effect although Stripe stored an error is found by its key', async () => {
    const attempt = createAttempt()
    await face({ fails: { acts: true, times: 1 } })
    expect(await begin(attempt)).toMatchObject({ kind: 'approved' })
    expect(await chargesOf(attempt)).toHaveLength(1)
  })

  test('that took no effect when Stripe stored an error needs another key', async () => {
    const attempt = createAttempt()
    await face({ fails: { acts: false, times: 1 } })
    expect(await begin(attempt)).toEqual({ kind: 'key-closed' })
    expect(await begin({ ...attempt, key: `${attempt.key}:2` })).toMatchObject({ kind: 'approved' })
    expect(await chargesOf(attempt)).toHaveLength(1)
  })

  test('is not repeated after Stripe has forgotten its key', async () => {
    const attempt = createAttempt()
    await begin(attempt)
    await face({ advanceSeconds: 25 * 3_600 })
    expect(await begin({ ...attempt, openedAtMs: Date.now() - 25 * HOUR_MS })).toMatchObject({ kind: 'approved' })
    expect(await chargesOf(attempt)).toHaveLength(1)
  })

  test('waits while Stripe limits the rate, rejects the key, or cannot be reached', async () => {
    await face({ writesPerSecondMax: 1 })
    await begin(createAttempt())
    stripe = createGateway({ resilience: { ...RESILIENCE, triesMax: 1 } })
    const outcomes = await Promise.all([createAttempt(), createAttempt(), createAttempt()].map((each) => begin(each)))
    expect(outcomes.filter(({ kind }) => kind === 'unavailable').length).toBeGreaterThanOrEqual(2)
    await face({ writesPerSecondMax: 1_000 })
    stripe = createGateway({ secretKey: 'no_key_of_stripe' })
    expect(await begin(createAttempt())).toMatchObject({ kind: 'unavailable', detail: expect.stringContaining('401') })
    const gone = await startPaymentSimulator()
    await gone.stop()
    stripe = createGateway({ url: gone.url })
    expect(await begin(createAttempt())).toMatchObject({ kind: 'unavailable', unknown: false })
  })
})

describe('a payment with 3-D Secure', () => {
  test('needs its buyer, and is approved once the buyer agrees', async () => {
    const { attempt, redirectUrl } = await needsBuyer(createAttempt())
    expect(await stripe.lookUp(attempt, signal)).toMatchObject({ kind: 'needs-buyer', redirectUrl })
    const back = await decide(redirectUrl, true)
    expect(back.headers.get('location')).toMatch(
      `http://127.0.0.1:7100/sales/demo?payment=${attempt.orderId}&payment_intent=${attempt.reference}`,
    )
    const proof = { redirect_status: 'succeeded' }
    expect(await stripe.resume({ ...attempt, proof }, signal)).toMatchObject({ kind: 'approved' })
  })

  test('is declined once the buyer refuses, whatever the address says, and nobody can pay it afterwards', async () => {
    const { attempt, redirectUrl } = await needsBuyer(createAttempt())
    await decide(redirectUrl, false)
    const proof = { redirect_status: 'succeeded' }
    expect(await stripe.resume({ ...attempt, proof }, signal)).toMatchObject({
      ...{ kind: 'declined', reason: expect.stringContaining('payment_intent_authentication_failure') },
    })
    expect(await stripe.close(attempt, signal)).toEqual({ kind: 'key-closed' })
  })

  test('is closed, and a buyer who agrees afterwards is not charged', async () => {
    const { attempt, redirectUrl } = await needsBuyer(createAttempt())
    expect(await stripe.close(attempt, signal)).toEqual({ kind: 'key-closed' })
    await decide(redirectUrl, true)
    expect(await chargesOf(attempt)).toEqual([])
    expect(await stripe.close(attempt, signal)).toEqual({ kind: 'key-closed' })
    expect(await stripe.lookUp(attempt, signal)).toMatchObject({ kind: 'declined' })
  })

  test('that the buyer agreed to before the closing is charged', async () => {
    const { attempt, redirectUrl } = await needsBuyer(createAttempt())
    await decide(redirectUrl, true)
    expect(await stripe.close(attempt, signal)).toMatchObject({ kind: 'approved', chargeId: attempt.reference })
  })
})

describe('closing an attempt whose payment is unknown', () => {
  test('uses its key up: a charge that arrives later is not made', async () => {
    const attempt = createAttempt()
    for (const _ of ['once', 'again']) expect(await stripe.close(attempt, signal)).toEqual({ kind: 'key-closed' })
    expect(await begin(attempt)).toEqual({ kind: 'key-closed' })
    expect(await chargesOf(attempt)).toEqual([])
  })

  test('finds what was charged', async () => {
    const attempt = createAttempt()
    const charged = await begin(attempt)
    expect(await stripe.close(attempt, signal)).toEqual(charged)
  })

  test('is unknown while the charge is in progress, and finds it afterwards', async () => {
    const attempt = createAttempt()
    await control({ mode: 'ok', delayMs: 600 })
    const charging = begin(attempt)
    const closing = await stripe.close(attempt, signal)
    expect(closing.kind === 'unavailable' ? closing.unknown : closing.kind).toBe(true)
    expect(await charging).toMatchObject({ kind: 'approved' })
    await control({ mode: 'ok' })
    expect(await stripe.close(attempt, signal)).toEqual(await charging)
  })

  test('ends one that Stripe stored an error for', async () => {
    const attempt = createAttempt()
    await face({ fails: { acts: false, times: 1 } })
    await begin(attempt)
    expect(await stripe.close(attempt, signal)).toEqual({ kind: 'key-closed' })
  })
})

describe('a refund', () => {
  async function charged() {
    const attempt = createAttempt()
    const outcome = await begin(attempt)
    if (outcome.kind !== 'approved') throw new Error(outcome.kind)
    const refund = (key: string, amountMinor: number, requestedAtMs = Date.now()) =>
      stripe.refund(
        { key: `${key} ${attempt.orderId}`, chargeId: outcome.chargeId, amountMinor, currency: 'EUR', requestedAtMs },
        signal,
      )
    const refunded = async () => (await chargesOf(attempt)).map(({ refundedMinor }) => refundedMinor)
    return { refund, refunded }
  }

  test('of a part is made once for its key, and never more than is left', async () => {
    const { refund, refunded } = await charged()
    const first = await refund('a', 250)
    expect(first).toMatchObject({ kind: 'refunded', refundId: expect.stringMatching(/^re_/) })
    expect(await refund('a', 250)).toEqual(first)
    expect(await refund('b', 1_001)).toMatchObject({ kind: 'refused' })
    expect(await refund('c', 1_000)).toMatchObject({ kind: 'refunded' })
    expect(await refunded()).toEqual([1_250])
  })

  test('that took effect although Stripe stored an error is found, also after Stripe has forgotten its key', async () => {
    const { refund, refunded } = await charged()
    await face({ fails: { acts: true, times: 1 } })
    const made = await refund('a', 1_250)
    expect(made).toMatchObject({ kind: 'refunded' })
    await face({ advanceSeconds: 25 * 3_600 })
    expect(await refund('a', 1_250)).toEqual(made)
    expect(await refund('b', 1)).toMatchObject({ kind: 'refused', reason: expect.stringContaining('already_refunded') })
    expect(await refunded()).toEqual([1_250])
  })

  test('of a part is made once although Stripe has forgotten its key', async () => {
    const { refund, refunded } = await charged()
    const made = await refund('a', 250)
    expect(made).toMatchObject({ kind: 'refunded' })
    await face({ advanceSeconds: 25 * 3_600 })
    expect(await refund('a', 250, Date.now() - 25 * HOUR_MS)).toEqual(made)
    expect(await refund('b', 250, Date.now() - 25 * HOUR_MS)).toMatchObject({ kind: 'refunded' })
    expect(await refunded()).toEqual([500])
  })

  test('that took no effect when Stripe stored an error is made under another key', async () => {
    const { refund, refunded } = await charged()
    await face({ fails: { acts: false, times: 1 } })
    expect(await refund('a', 1_250)).toMatchObject({ kind: 'refunded' })
    expect(await refunded()).toEqual([1_250])
  })
})

test('charges of orders are listed page by page, with their refunds, and those of other shops are left out', async () => {
  await face({ writesPerSecondMax: 10_000 })
  const attempts = Array.from({ length: 230 }, () => createAttempt())
  for (let at = 0; at < attempts.length; at += 46)
    await Promise.all(attempts.slice(at, at + 46).map((each) => begin(each)))
  await fetch(`${simulator.url}/v1/payment_intents`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_test_0123456789abcdef' },
    body: new URLSearchParams({ amount: '100', currency: 'eur', confirm: 'true', payment_method: 'pm_card_visa' }),
  })
  const [refunded] = attempts
  if (refunded === undefined) throw new Error('no attempt')
  const { kind, chargeId = '' } = { chargeId: undefined, ...(await begin(refunded)) }
  expect(kind).toBe('approved')
  await stripe.refund(
    { key: randomUUID(), chargeId, amountMinor: 50, currency: 'EUR', requestedAtMs: Date.now() },
    signal,
  )
  const listed = await stripe.listCharges(signal)
  if (listed.kind !== 'listed') throw new Error(listed.detail)
  const ours = listed.charges.filter(({ orderId }) => attempts.some((each) => each.orderId === orderId))
  expect(ours).toHaveLength(230)
  expect(listed.charges.every(({ orderId }) => orderId !== '')).toBe(true)
  expect(listed.charges.find(({ orderId }) => orderId === refunded.orderId)).toMatchObject({
    ...{ chargeId, amountMinor: 1_250, currency: 'EUR', refundedMinor: 50 },
  })
})
