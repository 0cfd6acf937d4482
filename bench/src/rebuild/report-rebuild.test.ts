import { expect, it } from 'vitest'
import { type RebuildRow, reportRebuild } from './report-rebuild.ts'

const row: RebuildRow = {
  orders: 1_000_000,
  rebuildMs: [8_000, 9_000, 12_000],
  quietP99Ms: 200,
  busyP99Ms: 250,
  others: { accepted: 100, confirmed: 100, statuses: [{ 201: 50 }, { 201: 50 }] },
  arrivals: { accepted: 50, rejections: 20 },
  agree: true,
}
const conditions = { tableRows: 10_000_000, pendingPercent: 10, writers: 16, perSecond: 25, restarts: 0 }

it('reports the median rebuild, and the effect on other sales', () => {
  const { thresholds, faults, markdown } = reportRebuild({ rows: [row], ...conditions })
  expect(thresholds.map(({ measured, reached }) => [measured, reached])).toEqual([
    ['9.00 s', true],
    ['1.25', true],
  ])
  expect(faults).toEqual([])
  expect(markdown).toContain('| 1000000 | 3 | 9.00 s | 12.00 s | 200 ms | 250 ms | 1.25 | 50 | 20 |')
})

it('voids a run in which a buyer was rejected, an order is missing or the counters differ', () => {
  const bad: RebuildRow = {
    ...row,
    busyP99Ms: 400,
    others: { accepted: 100, confirmed: 99, statuses: [{ 201: 50 }, { 201: 49, 503: 1 }] },
    arrivals: { accepted: 0, rejections: 0 },
    agree: false,
  }
  const { thresholds, faults } = reportRebuild({ rows: [bad], ...conditions, restarts: 1 })
  expect(thresholds[1]?.reached).toBe(false)
  expect(faults).toHaveLength(5)
})
