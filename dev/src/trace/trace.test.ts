import { expect, test } from 'vitest'
import { formatTrace } from './format-trace.ts'
import { traceOf } from './read-trace.ts'

const at = (ms: number): string => new Date(ms).toISOString()
const entries = [
  {
    time: at(30),
    app: 'order-core',
    step: 'order.accepted',
    orders: [
      { order: 'o-3', sale: 'demo', slot: 's-3', buyer: 'b-3', commitMs: 9 },
      { order: 'o-1', sale: 'demo', slot: 's-1', buyer: 'b-1', commitMs: 8 },
    ],
  },
  { time: at(10), app: 'waiting-room', step: 'ticket.joined', sale: 'demo', buyers: ['b-0', 'b-1'] },
  {
    time: at(20),
    app: 'waiting-room',
    step: 'buyer.admitted',
    sale: 'demo',
    admissions: [{ slot: 's-1', buyer: 'b-1', place: 7 }],
  },
  { time: at(25), app: 'waiting-room', step: 'ticket.joined', sale: 'other', buyers: ['b-1'] },
  {
    time: at(35),
    app: 'order-core',
    step: 'order.accepted',
    orders: [{ order: 'o-2', sale: 'demo', slot: 's-2', buyer: 'b-1' }],
  },
  {
    time: at(40),
    app: 'order-core',
    step: 'order.transitioned',
    transitions: [{ order: 'o-1', from: 'pending', to: 'confirmed' }],
  },
]

test("an order's steps are found through its slot and its buyer, in the order of time", () => {
  expect(traceOf(entries, 'o-1').map(({ step }) => step)).toEqual([
    'ticket.joined',
    'buyer.admitted',
    'order.accepted',
    'order.transitioned',
  ])
})

test('each step shows how long after the previous one it came', () => {
  const text = formatTrace('o-1', traceOf(entries, 'o-1'))
  expect(text).toContain('30 ms from the first step to the last')
  expect(text).toContain('place=7')
  expect(text).toContain('commitMs=8')
  expect(text).not.toContain('commitMs=9')
  expect(text).toContain('from=pending to=confirmed')
})

test('an unknown order has no steps', () => {
  expect(traceOf(entries, 'o-9')).toEqual([])
})
