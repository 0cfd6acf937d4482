import { randomUUID } from 'node:crypto'
import { bodyOf } from '@floodgate/client'
import { orderNumber } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { expect } from 'vitest'
import type { Buyer } from '../client/buyer.ts'
import { coat } from '../client/coats.ts'
import { expectProblem } from '../client/http.ts'
import { everythingLogged } from '../client/logs.ts'
import type { TestSystem } from '../client/test-system.ts'
import { expectEverySlotBack, expectStock } from './expect-stock.ts'

/** Follows one buyer through all four apps; with one slot, the next in line waits for the slot to return. */
export async function buys(testSystem: TestSystem): Promise<void> {
  const sale = 'bought'
  await testSystem.operator.openSale(sale, { items: [coat(10)], maxActive: 1 })
  const ada = testSystem.buyer('ada', sale)
  const first = await ada.join()
  expect(first).toMatchObject({ place: 1, position: 1 })
  expect(await ada.join()).toMatchObject({ place: first.place })

  const line = await ada.watchLine()
  const pass = await ada.untilAdmitted()
  expect(await line.until(({ state }) => state === 'admitted')).toMatchObject({ admission: pass.admission })
  line.close()
  expect(await ada.untilAdmitted()).toMatchObject({ admission: pass.admission })

  const next = testSystem.buyer('next-in-line', sale)
  await next.join()
  expect(await next.status()).toMatchObject({ state: 'waiting', position: 1 })

  const order = await ada.order()
  expect(order).toMatchObject({ sale, totalMinor: 12_450, currency: 'EUR', items: [{ sku: 'COAT', quantity: 1 }] })
  const live = await ada.watchOrder(order.id)
  await live.until(({ status }) => status === 'confirmed')
  live.close()
  expect(await ada.untilOrderIs(order.id, 'confirmed')).toMatchObject({ items: order.items, totalMinor: 12_450 })
  expect(await ada.listOrders()).toMatchObject([{ id: order.id }])

  await next.untilAdmitted()
  await next.leave()
  await eventually(async () => {
    expect(await testSystem.provider.chargesOf(order.id)).toMatchObject([
      { status: 'approved', amountMinor: 12_450, refundedMinor: 0 },
    ])
    const [mail, ...more] = await testSystem.inbox.mailsTo(ada.email)
    expect(more).toEqual([])
    expect(mail?.text).toContain('124.50')
    expect(mail?.html).toContain('124.50')
  })
  await expectMailLeadsToOrder(testSystem, ada, order.id)
  await eventually(() => {
    expect(testSystem.recorder.eventsOf(order.id).map(({ type }) => type)).toEqual(
      expect.arrayContaining(['order.placed.v2', 'payment.succeeded.v1', 'order.confirmed.v1']),
    )
  })
  expect(testSystem.recorder.unreadable).toEqual([])
  await expectNothingPersonalSeen(testSystem, [ada.email, 'sim_ok'])
  await expectStock(testSystem, sale, { available: 9, held: 0, sold: 1 })
  await expectEverySlotBack(testSystem, sale)
}

/** Expects that the mail names the items, and its link opens exactly this order, and nothing else. */
async function expectMailLeadsToOrder(testSystem: TestSystem, buyer: Buyer, order: string): Promise<void> {
  const [mail] = await testSystem.inbox.mailsTo(buyer.email)
  expect(mail?.subject).toContain(orderNumber(order))
  expect(mail?.headers['auto-submitted']).toBe('auto-generated')
  expect(mail?.text).toContain(coat(1).name)
  const bearer = /#key=(\S+)/.exec(mail?.text ?? '')?.[1] ?? ''
  const { cores } = testSystem.operator
  expect(await bodyOf(cores.readOrder({ params: { id: order }, bearer }))).toMatchObject({ id: order })
  expectProblem(await cores.readOrder({ params: { id: randomUUID() }, bearer }), 'link-forbidden')
  expectProblem(await cores.listOwnOrders({ bearer }), 'admission-invalid')
  const body = { items: [{ sku: 'COAT', quantity: 1 }], email: buyer.email, paymentMethod: 'sim_ok' }
  const headers = { 'idempotency-key': randomUUID() }
  expectProblem(await cores.placeOrder({ bearer, headers, body }), 'admission-invalid')
}

/** Expects that neither addresses nor payment methods are in clear text in published events or logs. */
async function expectNothingPersonalSeen(testSystem: TestSystem, secrets: readonly string[]): Promise<void> {
  const logged = await everythingLogged(testSystem.system)
  const published = testSystem.recorder.published()
  expect(logged).toContain('order.accepted')
  expect(published).toContain('sealedPaymentMethod')
  for (const secret of secrets) {
    expect(logged.split('\n').filter((line) => line.includes(secret))).toEqual([])
    expect(published.split('\n').filter((line) => line.includes(secret))).toEqual([])
  }
}
