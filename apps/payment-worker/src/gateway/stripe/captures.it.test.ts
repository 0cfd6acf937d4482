import { randomUUID } from 'node:crypto'
import { startPaymentSimulator } from '@floodgate/simulators'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { UNPACED } from '../../testing/unpaced.ts'
import type { PaymentGateway } from '../payment-gateway.ts'
import { createStripeGateway } from './stripe-gateway.ts'

const signal = new AbortController().signal
const DAY_SECONDS = 86_400

let simulator: Awaited<ReturnType<typeof startPaymentSimulator>>
let stripe: PaymentGateway
beforeAll(async () => {
  simulator = await startPaymentSimulator()
  stripe = createStripeGateway({
    url: simulator.url,
    secretKey: 'sk_test_0123456789abcdef',
    webhookSecrets: [],
    paymentMethodTypes: ['card'],
    captureMethod: 'manual',
    returnUrl: 'http://127.0.0.1:7100/sales/{sale}?payment={order}',
    listedDays: 0,
    resilience: {
      ...{ pace: UNPACED, timeoutMs: 30_000, triesMax: 1, retryDelayMs: 5, breakerFailures: 100, breakerOpenMs: 100 },
    },
  })
})
afterAll(() => simulator.stop())
beforeEach(async () => {
  await post('/control', { mode: 'ok' })
})

const post = (path: string, body: object) =>
  fetch(`${simulator.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk_test_0123456789abcdef' },
    body: JSON.stringify(body),
  })
const face = (behaviour: object) => post('/stripe/control', behaviour)

function createAttempt() {
  const orderId = randomUUID()
  const money = { amountMinor: 1_250, currency: 'EUR' }
  return { key: orderId, orderId, sale: 'demo', ...money, reference: null, openedAtMs: Date.now() }
}

async function authorized() {
  const attempt = createAttempt()
  const outcome = await stripe.begin({ ...attempt, paymentMethod: 'pm_card_visa' }, signal)
  expect(outcome).toEqual({ kind: 'approved', chargeId: expect.stringMatching(/^pi_/), isAuthorized: true })
  if (outcome.kind !== 'approved') throw new Error(outcome.kind)
  const { chargeId } = outcome
  const command = {
    key: randomUUID(),
    chargeId,
    amountMinor: 1_250,
    currency: 'EUR',
    orderId: 'order',
    requestedAtMs: Date.now(),
  }
  return { attempt, chargeId, release: () => stripe.refund({ ...command, isAuthorized: true }, signal), command }
}
const statusOf = async (chargeId: string) => {
  const headers = { authorization: 'Bearer sk_test_0123456789abcdef' }
  const response = await fetch(`${simulator.url}/v1/payment_intents/${chargeId}`, { headers })
  return ((await response.json()) as { status: string }).status
}

describe('a capture', () => {
  test('takes the money once, however often and by however many it is asked for', async () => {
    const { chargeId, attempt } = await authorized()
    const captures = await Promise.all([stripe.capture(chargeId, signal), stripe.capture(chargeId, signal)])
    expect([...captures, await stripe.capture(chargeId, signal)]).toEqual(Array(3).fill({ kind: 'captured' }))
    expect(await stripe.lookUp({ ...attempt, reference: chargeId }, signal)).toEqual({ kind: 'approved', chargeId })
  })

  test('whose response is lost, or which Stripe failed after it took effect, has taken the money', async () => {
    for (const lose of [
      () => post('/control', { mode: 'hang', delayMs: 1 }),
      () => face({ fails: { acts: true, times: 1 } }),
    ]) {
      const { chargeId } = await authorized()
      await lose()
      await stripe.capture(chargeId, signal)
      await post('/control', { mode: 'ok' })
      expect(await stripe.capture(chargeId, signal)).toEqual({ kind: 'captured' })
    }
  })

  test('waits while Stripe fails, and is refused once the authorization has ended', async () => {
    const { chargeId } = await authorized()
    await post('/control', { mode: 'fail' })
    expect(await stripe.capture(chargeId, signal)).toMatchObject({ kind: 'unavailable' })
    await post('/control', { mode: 'ok' })
    await face({ advanceSeconds: 7 * DAY_SECONDS })
    const refused = { kind: 'refused', reason: 'the authorization has ended: automatic' }
    expect(await stripe.capture(chargeId, signal)).toEqual(refused)
  })

  test('of a payment that Stripe does not know is refused', async () => {
    expect(await stripe.capture('pi_unknown', signal)).toMatchObject({ kind: 'refused' })
  })
})

describe('an authorization that is given up', () => {
  test('is cancelled at Stripe, however often, and cannot be captured', async () => {
    const { chargeId, release } = await authorized()
    for (const _ of ['once', 'again']) expect(await release()).toEqual({ kind: 'refunded', refundId: chargeId })
    expect(await stripe.capture(chargeId, signal)).toMatchObject({ kind: 'refused' })
  })

  test('is refunded where somebody captured it by hand', async () => {
    const { chargeId, release, command } = await authorized()
    await stripe.capture(chargeId, signal)
    expect(await release()).toEqual({ kind: 'refunded', refundId: expect.stringMatching(/^re_/) })
    expect(await stripe.refund({ ...command, key: 'another' }, signal)).toMatchObject({ kind: 'refused' })
  })

  test('waits while Stripe fails', async () => {
    const { release } = await authorized()
    await post('/control', { mode: 'fail' })
    expect(await release()).toMatchObject({ kind: 'unavailable' })
  })
})

test('the end of an order leaves an authorization that was faster as it is, known by its id or by its key', async () => {
  const { attempt, chargeId } = await authorized()
  const approved = { kind: 'approved', chargeId, isAuthorized: true }
  expect(await stripe.close({ ...attempt, reference: chargeId }, signal)).toEqual(approved)
  expect(await stripe.close(attempt, signal)).toEqual(approved)
  expect(await statusOf(chargeId)).toBe('requires_capture')
})

test('a buyer who has not agreed by the end of the order is never charged', async () => {
  const attempt = createAttempt()
  const outcome = await stripe.begin({ ...attempt, paymentMethod: 'pm_card_authenticationRequired' }, signal)
  if (outcome.kind !== 'needs-buyer') throw new Error(outcome.kind)
  const closed = await stripe.close({ ...attempt, reference: outcome.reference }, signal)
  expect(closed).toEqual({ kind: 'key-closed' })
  await fetch(`${outcome.redirectUrl}/decision?agree=true`, { method: 'POST', redirect: 'manual' })
  expect(await statusOf(outcome.reference)).toBe('canceled')
})

test('authorizations are listed as such until their money is taken or they are given up', async () => {
  const [kept, taken, given] = [await authorized(), await authorized(), await authorized()]
  await stripe.capture(taken.chargeId, signal)
  await given.release()
  const listed = await stripe.listCharges(signal)
  if (listed.kind !== 'listed') throw new Error(listed.detail)
  const of = (chargeId: string) => {
    const charge = listed.charges.find((each) => each.chargeId === chargeId)
    return { isAuthorized: charge?.isAuthorized, refundedMinor: charge?.refundedMinor }
  }
  expect(of(kept.chargeId)).toEqual({ isAuthorized: true, refundedMinor: 0 })
  expect(of(taken.chargeId)).toEqual({ isAuthorized: undefined, refundedMinor: 0 })
  expect(of(given.chargeId)).toEqual({ isAuthorized: true, refundedMinor: 1_250 })
})
