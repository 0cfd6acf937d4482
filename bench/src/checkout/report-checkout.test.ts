import { describe, expect, it } from 'vitest'
import type { OrderReport } from '../order-load/job.ts'
import { faultsOf, type Measurement } from './candidate.ts'
import { standingsOf, type Table } from './compare-strategies.ts'
import { reportCheckout } from './report-checkout.ts'
import { bestOf } from './sweep-pools.ts'

const report = (statuses: Record<string, number>): OrderReport => ({
  elapsedMs: 1_000,
  cpuMs: 50,
  statuses,
  meanMs: 1,
  maxMs: 3,
  p50Ms: 1,
  p95Ms: 2,
  p99Ms: 3,
  p95MsByStatus: {},
  lateP99Ms: 0,
  lateMaxMs: 0,
})
const measurement = (perSecond: number, rows = perSecond): Measurement => ({
  perSecond,
  report: report({ 201: perSecond }),
  shares: { server: 0.9 },
  rows,
})
const table = (rates: Readonly<Record<string, number>>): Table => ({
  title: 'One hot SKU',
  sweeps: [],
  standings: standingsOf(Object.entries(rates).map(([name, rate]) => ({ name, measurement: measurement(rate) }))),
  faults: [],
})
const resultOf = (rates: Readonly<Record<string, number>>, oversold: boolean) =>
  reportCheckout({
    hot: table(rates),
    tables: [table(rates), table(rates)],
    sellOuts: [{ name: 'pg-transaction', stock: 10, accepted: 10, rows: oversold ? 11 : 10, oversold }],
    faults: [],
    replicas: 1,
    connections: 64,
    durable: 'on',
  })

describe('the report of the checkout', () => {
  it('compares with the lock and with the transaction on the hot SKU', () => {
    const rates = { 'order core': 3_100, 'distributed-lock': 300, 'pg-transaction': 1_100 }
    expect(resultOf(rates, false).thresholds.map(({ reached, kind }) => ({ reached, kind }))).toEqual([
      { reached: true, kind: 'ratio' },
      { reached: false, kind: 'ratio' },
      { reached: true, kind: 'absolute' },
    ])
  })

  it('names the strategies that oversell', () => {
    const rates = { 'order core': 1, 'distributed-lock': 1, 'pg-transaction': 1 }
    expect(resultOf(rates, true).markdown).toContain('**oversells**')
    expect(resultOf(rates, false).markdown).not.toContain('**oversells**')
  })
})

it('counts a failed response, and a row without an accepted order, as faults', () => {
  expect(faultsOf('x', measurement(100))).toEqual([])
  expect(faultsOf('x', measurement(100, 101))).toEqual(['x: 100 orders accepted, 101 written'])
  expect(faultsOf('x', { ...measurement(0), report: report({ 503: 2, 0: 1, 409: 5 }) })).toEqual([
    'x: 3 failed responses',
  ])
})

it('uses the median of the rounds, and the fastest pool', () => {
  const rounds = [5, 1, 9].map((rate) => ({ name: 'core', measurement: measurement(rate) }))
  expect(standingsOf(rounds).core).toMatchObject({ perSecond: 5, values: [5, 1, 9] })
  expect(bestOf({ 4: 10, 8: 30, 16: 20 })).toBe(8)
})
