import { randomUUID } from 'node:crypto'
import { startPaymentSimulator } from '@floodgate/simulators'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAttempt, RESILIENCE, STRIPE_KEY, startStripeFace } from '../../testing/stripe-face.ts'
import type { Attempt, PaymentGateway } from '../payment-gateway.ts'

const signal = new AbortController().signal
const HOUR_MS = 3_600_000

let simulator: Awaited<ReturnType<typeof startStripeFace>>
let stripe: PaymentGateway
beforeAll(async () => {
  simulator = await startStripeFace()
})
afterAll(() => simulator.stop())
beforeEach(async () => {
  await simulator.control({ mode: 'ok' })
  await simulator.face({ fails: { times: 0 }, writesPerSecondMax: 1_000 })
  stripe = simulator.createGateway()
})

const begin = (attempt: Attempt, paymentMethod = 'pm_card_visa') => stripe.begin({ ...attempt, paymentMethod }, signal)

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
    expect(await simulator.chargesOf(attempt)).toMatchObject([
      { amountMinor: 1_250, currency: 'EUR', status: 'approved' },
    ])
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
    expect(await simulator.chargesOf(krona)).toMatchObject([{ amountMinor: 500, currency: 'ISK' }])
    expect(await begin(createAttempt({ amountMinor: 1_255, currency: 'KWD' }))).toMatchObject({ kind: 'declined' })
  })

  test('whose response is lost is looked up by sending it again, and made once', async () => {
    const attempt = createAttempt()
    await simulator.control({ mode: 'hang' })
    stripe = simulator.createGateway({ resilience: { ...RESILIENCE, timeoutMs: 500 } })
    expect(await begin(attempt)).toMatchObject({ kind: 'unavailable', unknown: true })
    stripe = simulator.createGateway()
    await simulator.control({ mode: 'ok' })
    expect(await begin(attempt)).toMatchObject({ kind: 'approved' })
    expect(await simulator.chargesOf(attempt)).toHaveLength(1)
  })

  test('is unknown while another call with its key is in progress', async () => {
    const attempt = createAttempt()
    await simulator.control({ mode: 'ok', delayMs: 600 })
    const [first, second] = await Promise.all([begin(attempt), begin(attempt)])
    expect([first.kind, second.kind].sort()).toEqual(['approved', 'unavailable'])
    expect(await simulator.chargesOf(attempt)).toHaveLength(1)
  })

  test('that took effect although Stripe stored an error is found by its key', async () => {
    const attempt = createAttempt()
    await simulator.face({ fails: { acts: true, times: 1 } })
    expect(await begin(attempt)).toMatchObject({ kind: 'approved' })
    expect(await simulator.chargesOf(attempt)).toHaveLength(1)
  })

  test('that took no effect when Stripe stored an error needs another key', async () => {
    const attempt = createAttempt()
    await simulator.face({ fails: { acts: false, times: 1 } })
    expect(await begin(attempt)).toEqual({ kind: 'key-closed' })
    expect(await begin({ ...attempt, key: `${attempt.key}:2` })).toMatchObject({ kind: 'approved' })
    expect(await simulator.chargesOf(attempt)).toHaveLength(1)
  })

  test('is not repeated after Stripe has forgotten its key', async () => {
    const attempt = createAttempt()
    await begin(attempt)
    await simulator.face({ advanceSeconds: 25 * 3_600 })
    expect(await begin({ ...attempt, openedAtMs: Date.now() - 25 * HOUR_MS })).toMatchObject({ kind: 'approved' })
    expect(await simulator.chargesOf(attempt)).toHaveLength(1)
  })

  test('waits while Stripe limits the rate, rejects the key, or cannot be reached', async () => {
    await simulator.face({ writesPerSecondMax: 1 })
    await begin(createAttempt())
    stripe = simulator.createGateway({ resilience: { ...RESILIENCE, triesMax: 1 } })
    const outcomes = await Promise.all([createAttempt(), createAttempt(), createAttempt()].map((each) => begin(each)))
    expect(outcomes.filter(({ kind }) => kind === 'unavailable').length).toBeGreaterThanOrEqual(2)
    await simulator.face({ writesPerSecondMax: 1_000 })
    stripe = simulator.createGateway({ secretKey: 'no_key_of_stripe' })
    expect(await begin(createAttempt())).toMatchObject({ kind: 'unavailable', detail: expect.stringContaining('401') })
    const gone = await startPaymentSimulator()
    await gone.stop()
    stripe = simulator.createGateway({ url: gone.url })
    expect(await begin(createAttempt())).toMatchObject({ kind: 'unavailable', unknown: false })
  })
})

test('a payment that Stripe is still processing keeps its id, by which it is looked up until it is decided', async () => {
  const attempt = createAttempt()
  const begun = await begin(attempt, 'pm_usBankAccount_success')
  expect(begun).toMatchObject({ kind: 'unavailable', unknown: true, reference: expect.stringMatching(/^pi_/) })
  const reference = begun.kind === 'unavailable' ? (begun.reference ?? null) : null
  const lookUp = () => stripe.lookUp({ ...attempt, reference }, signal)
  expect(await lookUp()).toMatchObject({ kind: 'unavailable' })
  expect(await stripe.close({ ...attempt, reference }, signal), 'it cannot be cancelled').toMatchObject({
    kind: 'unavailable',
  })
  await simulator.face({ advanceSeconds: 60 })
  expect(await begin(attempt, 'pm_usBankAccount_success'), 'its key says what it said').toMatchObject({
    kind: 'unavailable',
  })
  expect(await lookUp()).toEqual({ kind: 'approved', chargeId: reference })
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
    expect(await simulator.chargesOf(attempt)).toEqual([])
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
    expect(await simulator.chargesOf(attempt)).toEqual([])
  })

  test('finds what was charged', async () => {
    const attempt = createAttempt()
    const charged = await begin(attempt)
    expect(await stripe.close(attempt, signal)).toEqual(charged)
  })

  test('is unknown while the charge is in progress, and finds it afterwards', async () => {
    const attempt = createAttempt()
    await simulator.control({ mode: 'ok', delayMs: 600 })
    const charging = begin(attempt)
    const closing = await stripe.close(attempt, signal)
    expect(closing.kind === 'unavailable' ? closing.unknown : closing.kind).toBe(true)
    expect(await charging).toMatchObject({ kind: 'approved' })
    await simulator.control({ mode: 'ok' })
    expect(await stripe.close(attempt, signal)).toEqual(await charging)
  })

  test('ends one that Stripe stored an error for', async () => {
    const attempt = createAttempt()
    await simulator.face({ fails: { acts: false, times: 1 } })
    await begin(attempt)
    expect(await stripe.close(attempt, signal)).toEqual({ kind: 'key-closed' })
  })
})

test('charges of orders are listed page by page, with their refunds, and those of other shops are left out', async () => {
  await simulator.face({ writesPerSecondMax: 10_000 })
  const attempts = Array.from({ length: 230 }, () => createAttempt())
  for (let at = 0; at < attempts.length; at += 46)
    await Promise.all(attempts.slice(at, at + 46).map((each) => begin(each)))
  await fetch(`${simulator.url}/v1/payment_intents`, {
    method: 'POST',
    headers: { authorization: `Bearer ${STRIPE_KEY}` },
    body: new URLSearchParams({ amount: '100', currency: 'eur', confirm: 'true', payment_method: 'pm_card_visa' }),
  })
  const [refunded] = attempts
  if (refunded === undefined) throw new Error('no attempt')
  const { kind, chargeId = '' } = { chargeId: undefined, ...(await begin(refunded)) }
  expect(kind).toBe('approved')
  await stripe.refund(
    { key: randomUUID(), chargeId, amountMinor: 50, currency: 'EUR', orderId: 'order', requestedAtMs: Date.now() },
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
