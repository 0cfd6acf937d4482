import { bodyOf } from '@floodgate/client'
import { eventually } from '@floodgate/testkit'
import { describe, expect, test } from 'vitest'
import { coat } from './client/coats.ts'
import { expectProblem } from './client/http.ts'
import { reachedFailPoints } from './client/logs.ts'
import { metricOf } from './client/metrics.ts'
import { checkMoney } from './client/right-money.ts'
import { withSystem } from './client/test-system.ts'
import { buyWithOwnClient } from './scenarios/buy-with-own-client.ts'
import { buys } from './scenarios/buys.ts'
import { eraseOneBuyer } from './scenarios/erase.ts'
import { expectEverySlotBack, expectStock } from './scenarios/expect-stock.ts'
import { finishWhatBegan } from './scenarios/finish-what-began.ts'
import { operate } from './scenarios/operate.ts'
import { payWithAnotherCard } from './scenarios/pay-with-another-card.ts'
import { knowsPeople } from './scenarios/people.ts'
import { sendExamples } from './scenarios/send-examples.ts'

const testSystem = withSystem({ environment: { 'payment-worker': { BREAKER_FAILURES: '3', BREAKER_OPEN_MS: '500' } } })

const worker = (): string => testSystem().system.urls.operations.paymentWorker
/** The provider takes this long unless its behaviour is changed before. */
const HELD_MS = 600_000
/** The metric's value for an open breaker. */
const OPEN = 2

describe('a purchase', () => {
  test('is paid, confirmed, mailed, and its slot goes to the next in line', () => buys(testSystem()))

  test('works with the client of the documentation, generated from the documents', () => buyWithOwnClient(testSystem()))

  test('works with the request examples of the documents, each of which gets a declared response', () =>
    sendExamples(testSystem()))

  test('can be operated by people with tokens of their own, whom every app knows by name and role', () =>
    knowsPeople(testSystem()))

  test('and its sale are operated by the command, every part of which works on the running apps', () =>
    operate(testSystem()))

  test('whose card was declined succeeds with another card on the same slot', () => payWithAnotherCard(testSystem()))

  test('waits while the payment provider is down and continues once it is back', async () => {
    const { operator, provider, inbox } = testSystem()
    await operator.openSale('provider-down', { items: [coat(3)] })
    const [early, late] = await Promise.all([
      testSystem().admitted('before-the-breaker', 'provider-down'),
      testSystem().admitted('behind-the-breaker', 'provider-down'),
    ])
    await provider.behave({ mode: 'fail' })
    const first = await early.order()
    await eventually(async () => expect(await metricOf(worker(), 'floodgate_payment_breaker_state')).toBe(OPEN))
    const second = await late.order()
    expect(await early.readOrder(first.id)).toMatchObject({ status: 'pending' })
    expect(await late.readOrder(second.id)).toMatchObject({ status: 'pending' })
    expect(await provider.chargesOf(second.id)).toEqual([])

    await provider.behave({ mode: 'ok' })
    await early.untilOrderIs(first.id, 'confirmed')
    await late.untilOrderIs(second.id, 'confirmed')
    await eventually(async () => {
      expect(await provider.chargesOf(first.id)).toMatchObject([{ status: 'approved' }])
      expect(await provider.chargesOf(second.id)).toMatchObject([{ status: 'approved' }])
      expect(await inbox.mailsTo(late.email)).toHaveLength(1)
    })
    await expectStock(testSystem(), 'provider-down', { available: 1, held: 0, sold: 2 })
    await expectEverySlotBack(testSystem(), 'provider-down')
  })

  test('of free items is confirmed without the payment provider, even while it is down', async () => {
    const { operator, provider, inbox, system } = testSystem()
    const gift = { ...coat(3), sku: 'GIFT', salePriceMinor: 0 }
    await operator.openSale('free', { items: [gift, coat(3)] })
    const items = [{ sku: 'GIFT', quantity: 1 }]
    const [free, mixed] = await Promise.all([
      testSystem().admitted('freya', 'free'),
      testSystem().admitted('mia', 'free'),
    ])
    await provider.behave({ mode: 'fail' })
    const order = await free.order({ items, paymentMethod: null })
    expect(order.totalMinor).toBe(0)
    await free.untilOrderIs(order.id, 'confirmed')
    const both = await mixed.order({ items: [...items, { sku: 'COAT', quantity: 1 }] })
    await provider.behave({ mode: 'ok' })
    await mixed.untilOrderIs(both.id, 'confirmed')
    await eventually(async () => {
      expect(await inbox.mailsTo(free.email)).toMatchObject([
        { text: expect.stringContaining('There is nothing to pay.') },
      ])
      expect(await provider.chargesOf(both.id)).toMatchObject([{ amountMinor: both.totalMinor }])
    })
    expect(await provider.chargesOf(order.id)).toEqual([])
    expect(await checkMoney(system)).toMatchObject({ ok: true, findings: [] })
    await expectEverySlotBack(testSystem(), 'free')
  })

  test('that is cancelled while its charge is in progress is refunded, once', async () => {
    const { operator, provider, inbox } = testSystem()
    await operator.openSale('cancelled', { items: [coat(1, 1)] })
    const carol = await testSystem().admitted('carol', 'cancelled')
    await provider.behave({ mode: 'ok', delayMs: HELD_MS })
    const order = await carol.order()
    await eventually(async () => expect(await metricOf(worker(), 'floodgate_charges_in_flight')).toBe(1))
    expect(await carol.cancelOrder(order.id)).toMatchObject({ status: 'cancelled', cancelReason: 'by-buyer' })
    expect(await carol.cancelOrder(order.id)).toMatchObject({ status: 'cancelled' })
    await provider.behave({ mode: 'ok' })

    await carol.untilOrderIs(order.id, 'refunded')
    await eventually(async () => {
      const [charge, ...more] = await provider.chargesOf(order.id)
      expect(more).toEqual([])
      expect(charge).toMatchObject({ status: 'approved', refundedMinor: order.totalMinor })
      expect(await inbox.mailsTo(carol.email)).toHaveLength(2)
    })
    expectProblem(await carol.tryToCancel(order.id), 'order-not-cancellable')
    await expectStock(testSystem(), 'cancelled', { available: 1, held: 0, sold: 0 })
    await expectEverySlotBack(testSystem(), 'cancelled')
  })

  test('is rejected for a client with only a ticket', async () => {
    const { operator, cores } = testSystem()
    await operator.openSale('not-yet', { maxActive: 1 })
    const inside = await testSystem().admitted('inside', 'not-yet')
    const outside = testSystem().buyer('outside', 'not-yet')
    await outside.join()
    const order = (authorization: Record<string, string>) =>
      cores('POST', '/orders', {
        headers: { ...authorization, 'idempotency-key': 'outside' },
        body: { items: [{ sku: 'COAT', quantity: 1 }], email: outside.email, paymentMethod: 'sim_ok' },
      })
    expectProblem(await order({ authorization: `Bearer ${outside.ticket()}` }), 'admission-invalid')
    expectProblem(await order({}), 'admission-missing')
    await expectStock(testSystem(), 'not-yet', { available: 10, held: 0, sold: 0 })
    await inside.leave()
    await outside.leave()
  })

  test('whose response was lost returns the same bytes when repeated, even long after the order is over', async () => {
    const { operator } = testSystem()
    await operator.openSale('answer-lost', { items: [coat(1, 1)] })
    const dora = await testSystem().admitted('dora', 'answer-lost')
    const response = await dora.insistOnOrder()
    const order = await bodyOf(response)
    const again = async (): Promise<void> => {
      const repeated = await dora.insistOnOrder()
      expect(repeated.text).toBe(response.text)
      expect(repeated.headers.get('location')).toBe(response.headers.get('location'))
      expect(repeated.headers.get('idempotent-replayed')).toBe('true')
    }
    await again()
    await again()
    await dora.untilOrderIs(order.id, 'confirmed')
    await again()
    await again()
    await operator.act('answer-lost', 'close')
    await again()
    await again()
    expectProblem(await dora.tryToOrder({ paymentMethod: 'another' }), 'key-reused')
    await expectStock(testSystem(), 'answer-lost', { available: 0, held: 0, sold: 1 })
    await eventually(async () => expect(await testSystem().provider.chargesOf(order.id)).toHaveLength(1))
  })

  test('is rejected with a turn that was given back: at most one of five buyers on one slot orders', async () => {
    await testSystem().operator.openSale('given-back', { items: [coat(5, 1)], maxActive: 1 })
    const givers = []
    for (let turn = 1; turn <= 5; turn += 1) {
      const giver = await testSystem().admitted(`giver-${turn}`, 'given-back')
      await giver.leave()
      givers.push(giver)
    }
    const responses = await Promise.all(givers.map((giver) => giver.tryToOrder()))
    // The order core learns of the last turn within seconds; until then its slot is not passed on.
    expect(responses.slice(0, 4).map(({ status }) => status)).toEqual([401, 401, 401, 401])
    for (const response of responses.slice(0, 4)) expectProblem(response, 'admission-revoked')
  })

  test('is possible for an admitted buyer until the admission expires, whatever happens to the sale', () =>
    finishWhatBegan(testSystem()))

  test('leaves nothing of its buyer once the buyer is erased', () => eraseOneBuyer(testSystem()))

  // The last test, since the consumers of sale events stay stalled.
  test('is possible while the order core receives no events about sales', async () => {
    const { system, operator } = testSystem()
    await system.restartApp('order-core', { failPoints: ['before-sale-event=stall'] })
    await operator.openSale('unheard-of', { items: [coat(1, 1)] })
    const eve = await testSystem().admitted('eve', 'unheard-of')
    const order = await eve.order()
    await eventually(async () => expect(await reachedFailPoints(system, 'order-core')).toContain('before-sale-event'))
    await eve.untilOrderIs(order.id, 'confirmed')
    await expectStock(testSystem(), 'unheard-of', { available: 0, held: 0, sold: 1 })
  })
})
