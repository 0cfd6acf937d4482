import { expect, test } from 'vitest'
import { describeErasure } from './describe-erasure.ts'

const apps = { waitingRoom: 'http://a', orderCore: 'http://b', paymentWorker: 'http://c', notifier: 'http://d' }
const report = (rows: number) => ({ app: 'order-core', erased: { 'orders.orders': rows }, remaining: [] })

test('the apps that were asked are named, and a buyer whom nobody knows is told from one who was erased', () => {
  const unknown = describeErasure({ reports: [report(0)], remaining: [] }, apps)
  expect(unknown).toContain('asked http://d\n')
  expect(unknown).toContain('nobody knows this buyer')
  const known = describeErasure({ reports: [report(2)], remaining: [] }, apps)
  expect(known).toMatch(/orders\.orders +2 erased/)
  expect(known).not.toContain('nobody knows')
  const stays = describeErasure({ reports: [report(0)], remaining: [{ what: 'order 1', why: 'it is open' }] }, apps)
  expect(stays).toContain('stays for now: order 1: it is open')
  expect(stays).not.toContain('nobody knows')
})
