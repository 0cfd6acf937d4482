import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAttempt, startStripeFace } from '../../testing/stripe-face.ts'
import type { PaymentGateway, RefundOutcome } from '../payment-gateway.ts'

const signal = new AbortController().signal
const HOUR_MS = 3_600_000

let simulator: Awaited<ReturnType<typeof startStripeFace>>
let stripe: PaymentGateway
beforeAll(async () => {
  simulator = await startStripeFace()
  stripe = simulator.createGateway()
})
afterAll(() => simulator.stop())
beforeEach(async () => {
  await simulator.control({ mode: 'ok' })
  await simulator.face({ fails: { times: 0 }, refundsAre: 'succeeded' })
})

describe('a refund', () => {
  async function charged() {
    const attempt = createAttempt()
    const outcome = await stripe.begin({ ...attempt, paymentMethod: 'pm_card_visa' }, signal)
    if (outcome.kind !== 'approved') throw new Error(outcome.kind)
    const refund = (key: string, amountMinor: number, requestedAtMs = Date.now()) =>
      stripe.refund(
        {
          key: `${key} ${attempt.orderId}`,
          chargeId: outcome.chargeId,
          amountMinor,
          currency: 'EUR',
          orderId: 'order',
          requestedAtMs,
        },
        signal,
      )
    const lookUp = (key: string, known: RefundOutcome) =>
      stripe.refund(
        {
          ...{ key: `${key} ${attempt.orderId}`, chargeId: outcome.chargeId, amountMinor: 250, currency: 'EUR' },
          ...{ orderId: attempt.orderId, requestedAtMs: Date.now(), reference: { refundId: '', ...known }.refundId },
        },
        signal,
      )
    const refunded = async () => (await simulator.chargesOf(attempt)).map(({ refundedMinor }) => refundedMinor)
    return { refund, lookUp, refunded }
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
    await simulator.face({ fails: { acts: true, times: 1 } })
    const made = await refund('a', 1_250)
    expect(made).toMatchObject({ kind: 'refunded' })
    await simulator.face({ advanceSeconds: 25 * 3_600 })
    expect(await refund('a', 1_250)).toEqual(made)
    expect(await refund('b', 1)).toMatchObject({ kind: 'refused', reason: expect.stringContaining('already_refunded') })
    expect(await refunded()).toEqual([1_250])
  })

  test('of a part is made once although Stripe has forgotten its key', async () => {
    const { refund, refunded } = await charged()
    const made = await refund('a', 250)
    expect(made).toMatchObject({ kind: 'refunded' })
    await simulator.face({ advanceSeconds: 25 * 3_600 })
    expect(await refund('a', 250, Date.now() - 25 * HOUR_MS)).toEqual(made)
    expect(await refund('b', 250, Date.now() - 25 * HOUR_MS)).toMatchObject({ kind: 'refunded' })
    expect(await refunded()).toEqual([500])
  })

  test('that took no effect when Stripe stored an error is made under another key', async () => {
    const { refund, refunded } = await charged()
    await simulator.face({ fails: { acts: false, times: 1 } })
    expect(await refund('a', 1_250)).toMatchObject({ kind: 'refunded' })
    expect(await refunded()).toEqual([1_250])
  })

  test('that is pending is not reported as made until it succeeds', async () => {
    const { refund, lookUp } = await charged()
    await simulator.face({ refundsAre: 'pending' })
    const pending = await refund('a', 250)
    expect(pending).toEqual({
      ...{ kind: 'pending', refundId: expect.stringMatching(/^re_/) },
      detail: 'Stripe has the refund as insufficient_funds',
    })
    expect(await refund('a', 250), 'whatever its key says').toEqual(pending)
    expect(await lookUp('a', pending)).toEqual(pending)
    await simulator.face({ refundsAre: 'succeeded' })
    const { refundId } = { refundId: '', ...pending }
    expect(await lookUp('a', pending)).toEqual({ kind: 'refunded', refundId })
    expect(await refund('a', 250)).toEqual({ kind: 'refunded', refundId })
  })

  test('that failed is refused, and made under another key once it is requested again', async () => {
    const { refund, lookUp, refunded } = await charged()
    await simulator.face({ refundsAre: 'pending' })
    const pending = await refund('a', 1_250)
    await simulator.face({ refundsAre: 'failed' })
    expect(await lookUp('a', pending)).toEqual({
      ...{ kind: 'refused', reason: 'the refund failed: expired_or_canceled_card' },
    })
    expect(await refunded()).toEqual([0])
    await simulator.face({ refundsAre: 'succeeded' })
    const made = await refund('a', 1_250)
    expect(made).toMatchObject({ kind: 'refunded' })
    expect(made).not.toMatchObject({ refundId: { refundId: '', ...pending }.refundId })
    expect(await refund('a', 1_250)).toEqual(made)
    expect(await refunded()).toEqual([1_250])
  })
})
