import { expect, it } from 'vitest'
import { type LineMeasured, type Name, reportLine } from './report-line.ts'

const go = (requestsPerSecond: number) => ({
  requestsPerSecond,
  requests: requestsPerSecond,
  failures: 0,
  generatorShare: 0.4,
  cpuMicrosecondsPerRequest: 20,
})
const rates: Readonly<Record<Name, number>> = {
  bare: 1_100,
  'bare status': 1_000,
  status: 800,
  'bare board': 1_000,
  board: 950,
  'bare join': 1_000,
  join: 300,
}
const measured: LineMeasured = {
  rounds: new Map((Object.keys(rates) as Name[]).map((name) => [name, [go(rates[name])]])),
  redisCost: {
    status: { commands: 0.001, scripts: 0, scriptMicroseconds: 0, anyway: 0.01 },
    join: { commands: 12, scripts: 1.001, scriptMicroseconds: 15, anyway: 0.05 },
    joining: go(300),
  },
  together: {
    workers: 2,
    connections: 128,
    warmUp: [],
    measured: [go(20_500)],
    cores: { waitingRoom: 1.2, redis: 0.4, generator: 0.3 },
  },
  line: { joined: 1_010, kept: 1_010 },
  responses: 1_000,
  underWayMax: 32,
  small: false,
}

it('compares each path with the bare server that sends the same response', () => {
  const { thresholds, faults } = reportLine(measured)
  expect(faults).toEqual([])
  expect(thresholds.map(({ measured: value }) => value)).toEqual(['0.80', '0.001', '0.95', '20,500/s', '1.00'])
  expect(thresholds.every(({ reached }) => reached)).toBe(true)
})

it('accepts a saturated load generator in a small run, which is judged by its counts', () => {
  const rounds = new Map([...measured.rounds, ['bare', [{ ...go(1_100), generatorShare: 0.97 }]] as const])
  expect(reportLine({ ...measured, rounds, small: true }).faults).toEqual([])
})

it.each([
  ['a poll that asks Redis', { redisCost: { ...measured.redisCost, status: measured.redisCost.join } }],
  ['a place that was drawn and is not there', { line: { joined: 1_010, kept: 1_009 } }],
  ['more responses than places', { line: { joined: 999, kept: 999 } }],
  ['more places than responses and requests in progress', { line: { joined: 1_033, kept: 1_033 } }],
  [
    'a load generator that saturates',
    { rounds: new Map([...measured.rounds, ['bare', [{ ...go(1_100), generatorShare: 0.97 }]]]) },
  ],
])('is void with %s', (_, wrong) => {
  expect(reportLine({ ...measured, ...(wrong as Partial<LineMeasured>) }).faults).toHaveLength(1)
})
