import { describe, expect, it } from 'vitest'
import { type ConfirmMeasured, faultsOf, reportConfirm } from './report-confirm.ts'

const sound: ConfirmMeasured = {
  perSecond: 5,
  seconds: 2,
  providerMs: 50,
  durable: 'on',
  report: {
    elapsedMs: 2_000,
    cpuMs: 20,
    statuses: { 201: 10 },
    meanMs: 1,
    maxMs: 3,
    p50Ms: 3,
    p95Ms: 5,
    p99Ms: 8,
    p95MsByStatus: {},
    lateP99Ms: 2,
    lateMaxMs: 4,
  },
  confirmations: { orders: 12, confirmed: 12, ms: Array.from({ length: 12 }, (_, index) => 90 + index) },
  liveMs: [120, 130],
  watched: 2,
  charges: 12,
  agree: true,
  small: false,
  cpuMs: { 'order-core': 500 },
}

describe('the report of confirmations', () => {
  it('reads the p99 from the database and finds no fault in a correct run', () => {
    const { thresholds, faults } = reportConfirm(sound)
    expect(faults).toEqual([])
    expect(thresholds).toMatchObject([{ measured: '101 ms', reached: true, kind: 'absolute' }])
  })

  it.each<[string, Partial<ConfirmMeasured>]>([
    ['an order that was never confirmed', { confirmations: { ...sound.confirmations, confirmed: 11 } }],
    ['an order that nobody was told of', { confirmations: { ...sound.confirmations, orders: 13 } }],
    ['a charge too many', { charges: 13 }],
    ['an audit that disagrees', { agree: false }],
    ['a generator that is late', { report: { ...sound.report, lateP99Ms: 300 } }],
  ])('voids a run with %s', (_, changes) => {
    expect(faultsOf({ ...sound, ...changes })).toHaveLength(1)
  })

  it('accepts a late generator in a small run', () => {
    expect(faultsOf({ ...sound, small: true, report: { ...sound.report, lateP99Ms: 300 } })).toEqual([])
  })
})
