import { expect, test } from 'vitest'
import { describeErasure } from './describe-erasure.ts'

const apps = {
  urls: { 'waiting-room': 'http://a', 'order-core': 'http://b', 'payment-worker': 'http://c', notifier: 'http://d' },
}
const report = (rows: number) => ({ app: 'order-core', erased: { 'orders.orders': rows }, remaining: [] })

test('lists the queried apps, and whether any of them knew the buyer', () => {
  const unknown = describeErasure({ reports: [report(0)], remaining: [] }, apps)
  expect(unknown).toContain('queried http://d\n')
  expect(unknown).toContain('no app knows this buyer')
  const known = describeErasure({ reports: [report(2)], remaining: [] }, apps)
  expect(known).toMatch(/orders\.orders +2 erased/)
  expect(known).not.toContain('no app knows')
  const stays = describeErasure({ reports: [report(0)], remaining: [{ what: 'order 1', why: 'it is open' }] }, apps)
  expect(stays).toContain('stays for now: order 1: it is open')
  expect(stays).not.toContain('no app knows')
})
