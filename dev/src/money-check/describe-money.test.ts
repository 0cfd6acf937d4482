import { expect, it } from 'vitest'
import { describeMoney } from './describe-money.ts'

const sums = { charges: 2, orders: 3, underWay: 1 }

it('reports in one line that everything is right, and lists what is wrong', () => {
  expect(describeMoney({ ok: true, ...sums, findings: [] })).toBe(
    '2 approved charges, 3 orders, 1 under way: all right\n',
  )
  const findings = [
    { order: 'o1', problem: 'charged-more-than-once' as const, status: 'confirmed', charges: ['a', 'b'] },
    { order: 'o2', problem: 'charge-without-order' as const, status: null, charges: ['c'] },
  ]
  expect(
    describeMoney({ ok: false, ...sums, findings })
      .split('\n')
      .slice(0, 3),
  ).toEqual([
    '2 approved charges, 3 orders, 1 under way: 2 wrong',
    'charged-more-than-once  order o1 (confirmed)  charges a, b',
    'charge-without-order  order o2 (unknown)  charges c',
  ])
})
