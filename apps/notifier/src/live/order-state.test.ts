import type { FloodgateEvent } from '@floodgate/contracts'
import { expect, it } from 'vitest'
import { newestStates } from './order-state.ts'

const at = '2027-03-28T10:00:00.000Z'
const order = '0f8fad5b-d9cb-469f-a165-70867728950e'
const known = { order, sale: 'demo', buyer: 'ann', slot: 's', items: [], totalMinor: 200, currency: 'EUR' }
const envelope = (aggregateVersion: number) => ({ id: 'e', source: '/test', time: at, aggregateVersion })
const times = { createdAt: at, holdExpiresAt: at }
const redirectUrl = 'https://bank.example/1'
const awaiting: FloodgateEvent = {
  ...{ type: 'order.awaiting-buyer.v1', ...envelope(2) },
  data: { ...known, ...times, redirectUrl },
}
const confirmed: FloodgateEvent = {
  ...{ type: 'order.confirmed.v1', ...envelope(3) },
  data: { ...known, ...times, sealedEmail: '' },
}
const returned: FloodgateEvent = {
  ...{ type: 'order.buyer-returned.v1', ...envelope(2) },
  data: { order, sale: 'demo' },
}

it('an order that awaits its buyer is pushed with the address of the bank', () => {
  const [state, ...others] = newestStates([awaiting])
  expect(others).toEqual([])
  expect(state?.body).toMatchObject({
    status: 'pending',
    version: 2,
    payment: { state: 'awaiting-buyer', redirectUrl },
  })
})

it('the address is gone with the next move, in whatever order the events arrive', () => {
  for (const events of [
    [awaiting, confirmed],
    [confirmed, awaiting],
  ]) {
    const [state] = newestStates(events)
    expect(state?.body.status).toBe('confirmed')
    expect(state?.body).not.toHaveProperty('payment')
  }
})

it('a hold that is made longer keeps the address', () => {
  const stretched: FloodgateEvent = {
    ...{ type: 'order.hold-stretched.v1', ...envelope(3) },
    data: { ...known, ...times, chargeBy: at, redirectUrl },
  }
  expect(newestStates([awaiting, stretched])[0]?.body).toMatchObject({ version: 3, payment: { redirectUrl } })
})

it('the return of the buyer is no state of the order', () => {
  expect(newestStates([returned])).toEqual([])
})

it('a late confirmation stays one when a part is refunded', () => {
  const late = { ...confirmed, data: { ...confirmed.data, revived: true as const } } as FloodgateEvent
  const refund = {
    ...{ id: order, amountMinor: 100, refundsMinor: 100, items: [], restock: false },
    orderStatus: 'confirmed' as const,
  }
  const refunded: FloodgateEvent = {
    ...{ type: 'order.refunded.v1', ...envelope(4) },
    data: { ...known, ...times, sealedEmail: '', refund },
  }
  expect(newestStates([late, refunded])[0]?.body).toMatchObject({
    status: 'confirmed',
    revived: true,
    refundsMinor: 100,
  })
})
