import { expect, test } from 'vitest'
import { appsAffectedBy } from './watch.ts'

test('a change in an app restarts that app alone', () => {
  expect(appsAffectedBy('apps', 'order-core/src/stock/hold.lua')).toEqual(['order-core'])
})

test('a change in a package restarts every app', () => {
  expect(appsAffectedBy('packages', 'contracts/src/text.ts')).toHaveLength(4)
})

test.each([
  ['apps', 'order-core/src/stock/hold.test.ts'],
  ['apps', 'order-core/README.md'],
  ['packages', 'testkit/src/index.ts'],
])('%s/%s restarts nothing', (folder, file) => {
  expect(appsAffectedBy(folder, file)).toEqual([])
})
