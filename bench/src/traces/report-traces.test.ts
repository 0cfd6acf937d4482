import { expect, it } from 'vitest'
import { type PairedRound, reportTraces } from './report-traces.ts'

const round = (each: number, orders = 100) => ({
  cpuMs: { 'waiting-room': 0, 'order-core': each, 'payment-worker': each, notifier: each },
  ...{ orders, wanted: 100 },
})
const report = (starts: readonly (readonly PairedRound[])[], batches = 1) =>
  reportTraces({ starts, spansUs: 30, perSecond: 10, seconds: 10, batches, small: false })

const pairs = (...factors: number[]) => factors.map((factor) => ({ plain: round(100), traced: round(100 * factor) }))

it('the median of the pairs of a start counts, so that one disturbed round changes nothing', () => {
  const { thresholds, markdown } = report([pairs(1.01, 1.02, 9)])
  expect(thresholds).toMatchObject([
    { measured: '1.020', reached: true },
    { measured: '0.0100', reached: true },
  ])
  expect(report([pairs(1.04, 1.05, 1.06)]).thresholds).toMatchObject([{ measured: '1.050', reached: false }, {}])
  expect(markdown).toContain('| order-core | 1.000 | 1.020 | 1.020 | 1.020 |')
})

it('what the first of two systems takes more cancels out over two starts', () => {
  const { thresholds, markdown } = report([pairs(0.9 * 1.02), pairs(1.02 / 0.9)])
  expect(thresholds).toMatchObject([{ measured: '1.020', reached: true }, {}])
  expect(markdown).toContain('| 1.020 | 0.918 | 1.133 |')
})

it('a lost order, and a collector that got nothing, void the run', () => {
  expect(report([[{ plain: round(1), traced: round(1, 99) }]], 0).faults).toEqual([
    '99 of 100 orders were accepted',
    'the collector got nothing',
  ])
})
