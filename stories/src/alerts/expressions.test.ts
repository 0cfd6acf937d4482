import { expect, it } from 'vitest'
import { operandsOf, shortenRules } from './expressions.ts'

it('durations are divided, and stay long enough for a rate', () => {
  expect(shortenRules('expr: rate(a[15m]) or b offset 1h\nfor: 5m')).toBe(
    'expr: rate(a[30s]) or b offset 120s\nfor: 10s',
  )
  expect(shortenRules('increase(a[1m])\nfor: 10s')).toBe('increase(a[8s])\nfor: 5s')
})

it.each([
  ['max(a) > 0.1 unless on () floodgate:part_down', ['max(a)']],
  ['( max(a) > 0 or sum(b{c="or (d"}) > 3 ) unless on () x', ['max(a)', 'sum(b{c="or (d"})']],
  ['max(a) > bool 0 == 1', ['max(a)']],
  ['a == 0 and on (job) sum by (job) (a) > 0', ['a and on (job) sum by (job) (a)']],
  ['sum(a) * 0 + 1 unless sum(a) > 0 or count(a offset 1h) unless count(a)', ['sum(a) * 0 + 1', 'count(a)']],
  ['floodgate:part_down{part="redis"}', []],
])('%s compares %j', (expr, operands) => {
  expect(operandsOf({ expr })).toEqual(operands)
})
