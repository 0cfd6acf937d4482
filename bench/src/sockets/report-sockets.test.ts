import { expect, it } from 'vitest'
import { reportSockets } from './report-sockets.ts'

const good = {
  sockets: 1_000,
  kibEach: 9.5,
  bareKibEach: 7.4,
  delaysMs: Array.from({ length: 100 }, (_, index) => index),
  admissions: 100,
  admitPerSecond: 50,
  failed: 0,
  cpuWaiting: 4,
  cpuAdmitting: 6,
}

it('is valid when every admission reached its socket', () => {
  const { faults, thresholds } = reportSockets(good)
  expect(faults).toEqual([])
  expect(thresholds.map(({ reached, measured }) => [reached, measured])).toEqual([
    [true, '9.5 KiB'],
    [true, '98 ms'],
  ])
})

it('is void when a socket or a push was lost', () => {
  expect(reportSockets({ ...good, failed: 2 }).faults).toEqual(['2 sockets did not open or were cut'])
  expect(reportSockets({ ...good, admissions: 101 }).faults).toEqual([
    '101 buyers were admitted, 100 got it by their socket',
  ])
  expect(reportSockets({ ...good, admissions: 0, delaysMs: [] }).faults).toEqual(['nobody was admitted'])
})

it('names the missed threshold', () => {
  expect(reportSockets({ ...good, kibEach: 12.5 }).thresholds[0]?.reached).toBe(false)
  expect(reportSockets({ ...good, delaysMs: [1, 251], admissions: 2 }).thresholds[1]?.reached).toBe(false)
})
