import { expect, test } from 'vitest'
import { defineConfig } from './define-config.ts'
import { loadConfig } from './load-config.ts'
import { setting } from './setting.ts'

const definition = defineConfig({
  app: 'example',
  summary: 'an example',
  settings: { orderDays: setting.daysKept({ description: 'How long', min: 30, default: 730 }) },
})
const load = (value?: string) =>
  loadConfig(definition, { argv: [], env: value === undefined ? {} : { ORDER_DAYS: value } })

test.each([
  [undefined, 730],
  ['0', 0],
  ['30', 30],
  ['36500', 36_500],
])('%s days are %s', (value, orderDays) => {
  expect(load(value)).toMatchObject({ kind: 'config', config: { orderDays } })
})

test.each(['1', '29', '-1', '30.5', '36501', 'never'])('%s days are rejected at start', (value) => {
  expect(load(value)).toMatchObject({ kind: 'invalid', problems: [expect.stringContaining('ORDER_DAYS must')] })
})
