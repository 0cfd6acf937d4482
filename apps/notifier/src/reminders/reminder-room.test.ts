import { expect, it } from 'vitest'
import { createIsFull } from './reminder-room.ts'

function roomOf(max: number) {
  const state = { reminders: 0, counts: 0, nowMs: 0, away: false }
  const isFull = createIsFull(max, {
    now: () => state.nowMs,
    async count() {
      state.counts += 1
      if (state.away) throw new Error('away')
      return state.reminders
    },
  })
  return { state, isFull }
}

it('a sale is full with as many reminders as it may have, and counted at most once in ten seconds', async () => {
  const { state, isFull } = roomOf(2)
  expect(await isFull('demo')).toBe(false)
  state.reminders = 2
  state.nowMs = 9_999
  expect(await isFull('demo')).toBe(false)
  expect(await isFull('other')).toBe(true)
  state.nowMs = 10_000
  expect(await isFull('demo')).toBe(true)
  expect(state.counts).toBe(3)
})

it('a failed count is repeated', async () => {
  const { state, isFull } = roomOf(2)
  state.away = true
  await expect(isFull('demo')).rejects.toThrow('away')
  state.away = false
  expect(await isFull('demo')).toBe(false)
})

it('without reminders nothing is counted', async () => {
  const { state, isFull } = roomOf(0)
  expect(await isFull('demo')).toBe(true)
  expect(state.counts).toBe(0)
})
