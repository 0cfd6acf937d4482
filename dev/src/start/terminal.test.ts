import { expect, test } from 'vitest'
import { shortLine } from './terminal.ts'

const line = (entry: object): string =>
  JSON.stringify({ level: 'info', time: 'now', app: 'order-core', pid: 1, ...entry })

test('a step of a purchase is shown in short form, with lists as their length', () => {
  expect(shortLine(line({ message: 'batch committed', step: 'order.accepted', orders: [1, 2], ms: 1.25 }), false)).toBe(
    'order.accepted batch committed orders=2 ms=1.3',
  )
})

test('a failure is shown with its error', () => {
  const trouble = line({ level: 'error', message: 'commit failed', error: { message: 'deadlock' } })
  expect(shortLine(trouble, false)).toBe('ERROR commit failed error="deadlock"')
})

test.each([
  ['a line without a step', line({ message: 'Redis connection ready' })],
  ['an app that is not ready yet', line({ level: 'warn', message: 'request failed', route: '/readyz' })],
  ['what a server says', '2026-01-01 LOG: checkpoint complete'],
])('%s is shown only on request', (_, text) => {
  expect(shortLine(text, false)).toBeUndefined()
  expect(shortLine(text, true)).toBeDefined()
})
