import { eventDefinition } from '@floodgate/contracts'
import { expect, it } from 'vitest'
import { draft, line, newOrder } from '../testing/new-orders.ts'
import { abandonedEvent, placedEvent, withTimedEvents } from './order-event.ts'

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
