import { expect, it } from 'vitest'
import { type ManySalesRow, reportManySales } from './report-many-sales.ts'

const row: ManySalesRow = {
  ...{ sales: 1_000, processes: 8, inside: 1_000, scriptsPerSecond: 1_100, commandsPerSecond: 15_000 },
  ...{ aofBytesPerSecond: 12_345, redisCpuPercent: 4.25, roomsCpuPercent: 30, restarts: 0 },
}

it('reports the most expensive count', () => {
  const { thresholds, faults, markdown } = reportManySales({
    rows: [{ ...row, sales: 1, inside: 1 }, row],
    seconds: 30,
  })
  expect(thresholds.map(({ measured, reached }) => [measured, reached])).toEqual([
    ['1,100', true],
    ['12.3', true],
  ])
  expect(faults).toEqual([])
  expect(markdown).toContain('| 1000 | 8 | 1100 | 15000 | 12.3 | 4.3 | 30.0 |')
})

it('voids a run in which a buyer is not inside or a process died', () => {
  const dear = { ...row, scriptsPerSecond: 5_000, aofBytesPerSecond: 200_000, inside: 999, restarts: 1 }
  const { thresholds, faults } = reportManySales({ rows: [dear], seconds: 30 })
  expect(thresholds.map(({ reached }) => reached)).toEqual([false, false])
  expect(faults).toEqual([
    '1000 sales, 8 processes: 999 buyers inside',
    '1000 sales, 8 processes: 1 processes died meanwhile',
  ])
})
