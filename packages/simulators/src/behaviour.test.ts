import { expect, test } from 'vitest'
import { createBehaviourSwitch } from './behaviour.ts'

const createSwitch = () => {
  const state = { nowMs: 0, random: 0.5 }
  const behaviour = createBehaviourSwitch<'ok' | 'fail'>({
    ok: 'ok',
    nowMs: () => state.nowMs,
    random: () => state.random,
  })
  return { state, behaviour }
}

test('only the given share of the calls gets the mode', () => {
  const { state, behaviour } = createSwitch()
  behaviour.set({ mode: 'fail', percent: 30, delayMs: 5 })
  state.random = 0.29
  expect(behaviour.draw()).toEqual({ mode: 'fail', delayMs: 5 })
  state.random = 0.3
  expect(behaviour.draw()).toEqual({ mode: 'ok', delayMs: 0 })
})

test('0 percent is never, 100 percent is always', () => {
  const { state, behaviour } = createSwitch()
  state.random = 0
  behaviour.set({ mode: 'fail', percent: 0, delayMs: 0 })
  expect(behaviour.draw().mode).toBe('ok')
  state.random = 0.999
  behaviour.set({ mode: 'fail', percent: 100, delayMs: 0 })
  expect(behaviour.draw().mode).toBe('fail')
})

test('a new behaviour ends the waits of the previous one, and nothing else', () => {
  const { behaviour } = createSwitch()
  const first = behaviour.changed()
  behaviour.set({ mode: 'fail', percent: 100, delayMs: 5 })
  expect(first.aborted).toBe(true)
  expect(behaviour.changed().aborted).toBe(false)
})

test('a mode with an end returns to ok by itself', () => {
  const { state, behaviour } = createSwitch()
  behaviour.set({ mode: 'fail', percent: 100, delayMs: 0, forSeconds: 2 })
  state.nowMs = 1_999
  expect(behaviour.current().mode).toBe('fail')
  state.nowMs = 2_000
  expect(behaviour.current()).toEqual({ mode: 'ok', percent: 100, delayMs: 0 })
})

test('a mode with a period returns at the beginning of each', () => {
  const { state, behaviour } = createSwitch()
  state.nowMs = 500
  behaviour.set({ mode: 'fail', percent: 100, delayMs: 0, forSeconds: 10, everySeconds: 60 })
  const modeAt = (seconds: number) => {
    state.nowMs = 500 + seconds * 1_000
    return behaviour.current().mode
  }
  expect([0, 9.999, 10, 59.999, 60, 69.999, 70, 3_600, 3_610].map(modeAt)).toEqual([
    ...['fail', 'fail', 'ok', 'ok', 'fail', 'fail', 'ok', 'fail', 'ok'],
  ])
  behaviour.set({ mode: 'ok', percent: 100, delayMs: 0 })
  expect(modeAt(7_200)).toBe('ok')
})
