import { expect, it } from 'vitest'
import { type PairedRound, reportTraces } from './report-traces.ts'

const round = (each: number, orders = 100) => ({
  cpuMs: { 'waiting-room': 0, 'order-core': each, 'payment-worker': each, notifier: each },
  ...{ orders, wanted: 100 },
})
const report = (rounds: readonly PairedRound[], batches = 1) =>
  reportTraces({ rounds, spansUs: 30, perSecond: 10, seconds: 10, batches, small: false })

it('the median of the pairs counts, so that one disturbed round changes nothing', () => {
  const pairs = [1.01, 1.02, 9].map((factor) => ({ plain: round(100), traced: round(100 * factor) }))
  expect(report(pairs).thresholds).toMatchObject([
    { measured: '1.020', reached: true },
    { measured: '0.0100', reached: true },
  ])
  const slower = [1.04, 1.05, 1.06].map((factor) => ({ plain: round(100), traced: round(100 * factor) }))
  expect(report(slower).thresholds).toMatchObject([{ measured: '1.050', reached: false }, {}])
  expect(report(pairs).markdown).toContain('| order-core | 1.000 | 1.020 | 1.020 | 1.010 | 9.000 |')
})

it('a lost order, and a collector that got nothing, void the run', () => {
  expect(report([{ plain: round(1), traced: round(1, 99) }], 0).faults).toEqual([
    '99 of 100 orders were accepted',
    'the collector got nothing',
  ])
})
