import { orderNumber } from '@floodgate/contracts'
import { expect, it } from 'vitest'
import { createOrder } from '../testing/fixture.ts'
import { webhookOf } from './payload.ts'

it('a webhook says what was ordered and by which buyer, and has no address, no slot and no payment method', async () => {
  const order = await createOrder({ names: { sale: 'Spring sale', item: 'Lamp' }, sealedEmail: 'sealed-address' })
  const event = { ...order.confirmed(), traceparent: '00-1-2-01' }
  const webhook = webhookOf(event)
  expect(webhook).toMatchObject({
    eventId: event.id,
    traceparent: '00-1-2-01',
    payload: {
      type: 'order.confirmed',
      timestamp: event.time,
      data: {
        ...{ order: order.id, number: orderNumber(order.id), sale: 'demo', saleName: 'Spring sale', buyer: 'buyer-1' },
        items: [{ sku: 'lamp', quantity: 2, priceMinor: 1_250, name: 'Lamp' }],
        ...{ totalMinor: 2_500, currency: 'EUR', aggregateVersion: 2 },
      },
    },
  })
  expect(JSON.stringify(webhook?.payload)).not.toMatch(/sealed|slot|payment/i)
})

it('a cancellation has its reason, and a refund a higher version', async () => {
  const order = await createOrder()
  expect(webhookOf(order.cancelled('declined'))?.payload).toMatchObject({
    type: 'order.cancelled',
    data: { reason: 'declined' },
  })
  expect(webhookOf(order.refunded())?.payload).toMatchObject({ type: 'order.refunded', data: { aggregateVersion: 4 } })
})

it('a webhook names the discount and a late confirmation, where there is one', async () => {
  const event = (await createOrder()).confirmed()
  expect(JSON.stringify(webhookOf(event)?.payload)).not.toMatch(/discount|revived/)
  if (event.type !== 'order.confirmed.v1') throw new Error(event.type)
  const late = { ...event, data: { ...event.data, discountMinor: 500, revived: true as const } }
  expect(webhookOf(late)?.payload.data).toMatchObject({ discountMinor: 500, revived: true })
  const nothing = { ...event, data: { ...event.data, discountMinor: 0 } }
  expect(JSON.stringify(webhookOf(nothing)?.payload)).not.toContain('discount')
})

it.each(['refundRequested', 'refunded'] as const)(
  'a refund of a paid order says how much of what is given back: %s',
  async (step) => {
    const event = (await createOrder())[step]()
    if (event.type !== 'order.refunded.v1' && event.type !== 'order.refund-requested.v1') throw new Error(event.type)
    const refund = {
      id: crypto.randomUUID(),
      ...{ amountMinor: 1_000, refundsMinor: 1_000, restock: true, orderStatus: 'confirmed' as const },
      items: [{ sku: 'lamp', quantity: 1, priceMinor: 1_250 }],
    }
    const part = { ...event, data: { ...event.data, refund } }
    expect(webhookOf(part)?.payload).toMatchObject({
      type: step === 'refunded' ? 'order.refunded' : 'order.refund-requested',
      data: { totalMinor: 2_500, refund },
    })
    expect(webhookOf(event)?.payload.data.refund).toBeUndefined()
  },
)

it('nothing else of an order is for the shop', async () => {
  const order = await createOrder()
  expect([order.placed(), order.refundRequested()].map(webhookOf)).toEqual([undefined, undefined])
})
