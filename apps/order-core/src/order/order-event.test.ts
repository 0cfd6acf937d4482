import { eventDefinition } from '@floodgate/contracts'
import { expect, it } from 'vitest'
import { draft, line, newOrder } from '../testing/new-orders.ts'
import { decide } from './decide.ts'
import type { LockedOrder } from './lock-orders.ts'
import { abandonedEvent, movedEvent, placedEvent, withoutNames, withTimedEvents } from './order-event.ts'

const order = newOrder({ sale: 'demo', lines: [line('tea', 2)], ...draft })

it('a statement appends the times of Postgres to an untimed event', () => {
  expect(withTimedEvents('select id, :timed(event, created_at, charge_by), 1')).toBe(
    `select id, event || ',"createdAt":"' || to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')` +
      ` || '","chargeBy":"' || to_char(charge_by at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"}', 1`,
  )
})

it.each([
  ['order.placed.v2', placedEvent(order).data, ['createdAt', 'holdExpiresAt', 'chargeBy']],
  [
    'order.placed.v1',
    placedEvent({ ...order, sealedPaymentMethod: undefined }).data,
    ['createdAt', 'holdExpiresAt', 'chargeBy'],
  ],
  ['order.cancelled.v1', abandonedEvent(order), ['createdAt', 'holdExpiresAt']],
])('%s matches its contract once it has its times', (type, data, times) => {
  const whole = `${data}${times.map((name) => `,"${name}":"2027-03-28T10:00:05.120Z"`).join('')}}`
  expect(eventDefinition(type)?.data.parse(JSON.parse(whole))).toMatchObject({ order: order.id, totalMinor: 10 })
})

it('an event of an order with a voucher has its discount, also 0, but not for apps without names', () => {
  const at = new Date()
  const locked: LockedOrder = {
    ...{
      id: order.id,
      sale: 'demo',
      buyer: 'ann',
      slot: 'slot',
      status: 'pending',
      cancelReason: null,
      currency: 'EUR',
    },
    ...{ totalMinor: 99, sealedEmail: 'sealed', voucher: 'spring', discountMinor: 0, createdAt: at, holdExpiresAt: at },
    ...{ version: 1, revivedAt: null, paymentUrl: null, traceparent: null, refundsMinor: 0, refundScope: null },
    ...{ saleName: 'Spring sale', language: null, lines: [{ sku: 'tea', quantity: 1, priceMinor: 99 }] },
  }
  const dataOf = (of: LockedOrder) => {
    const expiry = decide('pending', 'hold-expired')
    return expiry.kind === 'move' ? movedEvent(of, expiry, null).data : undefined
  }
  expect(dataOf(locked)).toMatchObject({ discountMinor: 0 })
  expect(dataOf({ ...locked, discountMinor: 9, totalMinor: 90 })).toMatchObject({ discountMinor: 9 })
  for (const without of [
    { ...locked, voucher: null },
    withoutNames(locked),
    withoutNames({ ...locked, discountMinor: 9 }),
  ])
    expect(dataOf(without)).not.toHaveProperty('discountMinor')
})
