import { expect, it } from 'vitest'
import { reportBulkheads, type Turn } from './report-bulkheads.ts'

const turn = (ms: number, changes: Partial<Turn> = {}): Turn => ({
  ...{ ms, accepted: 1_000, failures: 0, mailed: 1_000, notReady: [], isSeen: true },
  ...changes,
})

it('reports the median of the pairs', () => {
  const pairs = [1_000, 1_100, 2_000].map((ms) => ({ without: turn(1_000), with: turn(ms) }))
  const { thresholds, faults, markdown } = reportBulkheads({
    rows: [{ kind: 'mail', pairs }],
    orders: 1_000,
    restarts: 0,
  })
  expect(thresholds).toMatchObject([{ measured: '0.91', reached: true }])
  expect(faults).toEqual([])
  expect(markdown).toContain('| mail | 3 | 1000 | 909 | 0.91 | 0.50 |')
})

it('voids a run in which an order is missing, an app was not ready or the faulty item was not visible', () => {
  const bad = turn(2_000, { accepted: 999, failures: 1, mailed: 998, notReady: ['orderCore'], isSeen: false })
  const { thresholds, faults } = reportBulkheads({
    rows: [{ kind: 'sale', pairs: [{ without: turn(1_000), with: bad }] }],
    ...{ orders: 1_000, restarts: 1 },
  })
  expect(thresholds[0]?.reached).toBe(false)
  expect(faults).toHaveLength(6)
})
