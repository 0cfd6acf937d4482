import { expect, it } from 'vitest'
import { judgeSockets } from './judge-sockets.ts'

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

it('counts a run in which every admission reached its socket', () => {
  const { faults, bars } = judgeSockets(good)
  expect(faults).toEqual([])
  expect(bars.map(({ reached, measured }) => [reached, measured])).toEqual([
    [true, '9.5 KiB'],
    [true, '98 ms'],
  ])
})

it('does not count one that lost a socket or a push', () => {
  expect(judgeSockets({ ...good, failed: 2 }).faults).toEqual(['2 sockets did not open or were cut'])
  expect(judgeSockets({ ...good, admissions: 101 }).faults).toEqual(['101 were let in, 100 were told by their socket'])
  expect(judgeSockets({ ...good, admissions: 0, delaysMs: [] }).faults).toEqual(['nobody was let in'])
})

it('tells a bar that was missed', () => {
  expect(judgeSockets({ ...good, kibEach: 12.5 }).bars[0]?.reached).toBe(false)
  expect(judgeSockets({ ...good, delaysMs: [1, 251], admissions: 2 }).bars[1]?.reached).toBe(false)
})
