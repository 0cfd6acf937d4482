import { expect, it } from 'vitest'
import { cpuMicrosecondsPerPoll, type LongLinesMeasured, reportLongLines } from './report-long-lines.ts'

const polled = (cpuMicrosecondsPerRequest: number) => ({
  requestsPerSecond: 1_000,
  requests: 2_000,
  failures: 0,
  generatorShare: 0.5,
  cpuMicrosecondsPerRequest,
})
const times = (max: number) => ({ count: 50, p50: 100, p99: max, max })
const length = (waiters: number) => ({
  sale: `line-${waiters}`,
  waiters,
  bytesPerWaiter: 126,
  joined: waiters,
  positionErrorMost: 0.001,
})
const measured: LongLinesMeasured = {
  lengths: [length(1_000), length(1_000_000)],
  polls: {
    rounds: new Map([
      ['line-1000', [polled(50)]],
      ['line-1000000', [polled(54)]],
    ]),
    idleCpuMsPerSecond: [20],
    seconds: 2,
  },
  scripts: ['line-1000', 'line-1000000'].map((sale) => ({
    sale,
    admitting: times(400),
    settingAside: times(1_500),
    snapshot: times(300),
    join: times(20),
  })),
  rate: 100,
}

it('subtracts the background work before it compares the polls of two lines', () => {
  // 40 ms of 2 s are 20 µs for each of 2,000 requests.
  expect(cpuMicrosecondsPerPoll(measured.polls, 'line-1000')).toBe(30)
  const { thresholds, faults } = reportLongLines(measured)
  expect(faults).toEqual([])
  expect(thresholds.map(({ measured: value }) => value)).toEqual(['1.13', '126 bytes', '1.50 ms'])
  expect(thresholds.map(({ reached }) => reached)).toEqual([false, true, true])
})

it('is void without ticks, or with a wrong length or position', () => {
  const faultsWith = (wrong: Partial<LongLinesMeasured>) => reportLongLines({ ...measured, ...wrong }).faults
  expect(faultsWith({ scripts: measured.scripts.map((each) => ({ ...each, admitting: undefined })) })).toHaveLength(2)
  expect(faultsWith({ lengths: measured.lengths.map((each) => ({ ...each, joined: 7 })) })).toHaveLength(2)
  expect(faultsWith({ lengths: measured.lengths.map((each) => ({ ...each, positionErrorMost: 0.2 })) })).toHaveLength(2)
})
