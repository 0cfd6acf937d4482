import { expect, test } from 'vitest'
import { createServerPace, type SenderFault, type ServerPace } from './server-pace.ts'

const away = { cause: 'connection', detail: 'ECONNECTION' } as const
const wrongPassword = { cause: 'authentication', detail: 'EAUTH 535' } as const

/** Reports one fault after another, each by a mail that started when the previous pause ended; returns the pauses. */
const pausesOf = (pace: ServerPace, fault: SenderFault, count: number, fromMs = 1_000) => {
  let nowMs = fromMs
  return Array.from({ length: count }, () => {
    expect(pace.places(nowMs)).toBeGreaterThan(0)
    pace.onFault(fault, { startedMs: nowMs, nowMs: nowMs + 1 })
    const pausedMs = pace.pausedMs(nowMs + 1)
    nowMs += 1 + pausedMs
    return pausedMs
  })
}

test('pauses double up to ten seconds, and end with a quarter of the slots, or with one after a rejected login', () => {
  const pace = createServerPace({ placesMax: 20 })
  expect(pausesOf(pace, away, 9)).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000])
  expect(pace.places(100_000)).toBe(5)
  const rejecting = createServerPace({ placesMax: 20 })
  expect(pausesOf(rejecting, wrongPassword, 3)).toEqual([1_000, 2_000, 4_000])
  expect(rejecting.places(100_000)).toBe(1)
})

test('mails in progress at the same time pause the sender once', () => {
  const pace = createServerPace({ placesMax: 20 })
  expect(pace.onFault(away, { startedMs: 0, nowMs: 10 })).toBe(true)
  for (let mail = 0; mail < 19; mail += 1) expect(pace.onFault(away, { startedMs: 1, nowMs: 11 })).toBe(false)
  expect(pace.pausedMs(10)).toBe(100)
})

test('each success doubles the slots and halves the next pause', () => {
  const pace = createServerPace({ placesMax: 20 })
  pausesOf(pace, away, 4)
  const places = Array.from({ length: 2 }, () => {
    pace.onResponse()
    return pace.places(100_000)
  })
  expect(places).toEqual([10, 20])
  expect(pace.fault()).toBeUndefined()
  expect(pausesOf(pace, away, 1, 100_000)).toEqual([100])
})

test('one mail that always fails, between others that do not, never pauses for long', () => {
  const pace = createServerPace({ placesMax: 20 })
  for (let round = 1; round < 50; round += 1) {
    const nowMs = round * 1_000
    pace.onFault(away, { startedMs: nowMs, nowMs })
    expect(pace.pausedMs(nowMs)).toBe(100)
    pace.onResponse()
  }
})

test('a repeatedly rejected login is not retried more often because an old connection still works', () => {
  const pace = createServerPace({ placesMax: 20 })
  let nowMs = 0
  for (let round = 1; round < 10; round += 1) {
    nowMs += 60_000
    pace.onFault(wrongPassword, { startedMs: nowMs, nowMs })
    pace.onResponse()
  }
  expect(pace.pausedMs(nowMs)).toBe(10_000)
})

test('a suspected fault is reported until the server accepts a mail, and stops nothing', () => {
  const pace = createServerPace({ placesMax: 20 })
  pace.onSuspicion('421')
  expect([pace.fault(), pace.places(0)]).toEqual(['421', 20])
  pace.onResponse()
  expect(pace.fault()).toBeUndefined()
})

test('a fault is forgotten when nothing was sent for a quarter of an hour: other processes may have sent everything', () => {
  let nowMs = 1_000
  const pace = createServerPace({ placesMax: 20, now: () => nowMs })
  pace.onFault(away, { startedMs: 900, nowMs })
  nowMs += 15 * 60_000 - 1
  expect(pace.fault()).toBe('ECONNECTION')
  nowMs += 1
  expect(pace.fault()).toBeUndefined()
  pace.onSuspicion('421')
  expect(pace.fault()).toBe('421')
})
