import { expect, test } from 'vitest'
import { appsAffectedBy } from './watch.ts'

const dependencies = new Map([
  ['waiting-room', ['service', 'outbox']],
  ['order-core', ['service', 'outbox']],
  ['payment-worker', ['service', 'outbox']],
  ['notifier', ['service']],
  ['service', ['contracts']],
  ['outbox', ['contracts', 'event-bus']],
])

test('a change in an app restarts only that app', () => {
  expect(appsAffectedBy('apps', 'order-core/src/stock/hold.lua', dependencies)).toEqual(['order-core'])
})

test('a change in a package restarts the apps that use it, directly or through another', () => {
  expect(appsAffectedBy('packages', 'contracts/src/scalars.ts', dependencies)).toHaveLength(4)
  expect(appsAffectedBy('packages', 'event-bus/src/port.ts', dependencies)).toEqual([
    'waiting-room',
    'order-core',
    'payment-worker',
  ])
})

test.each([
  ['apps', 'order-core/src/stock/hold.test.ts'],
  ['apps', 'order-core/README.md'],
  ['packages', 'testkit/src/index.ts'],
])('%s/%s restarts nothing', (folder, file) => {
  expect(appsAffectedBy(folder, file, dependencies)).toEqual([])
})
