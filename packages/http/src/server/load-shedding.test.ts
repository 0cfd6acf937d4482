import { describe, expect, it } from 'vitest'
import { createLoadShedder } from './load-shedding.ts'

const LAG_MS_MAX = 1_000
const LOOK_MS = 50

/** Creates a clock whose timers are as late as the test says. */
function lateClock() {
  let nowMs = 0
  let timer: { run(): void; atMs: number } | undefined
  return {
    clock: {
      nowMs: () => nowMs,
      setTimer: (run: () => void, ms: number) => {
        timer = { run, atMs: nowMs + ms }
      },
    },
    isRunning: () => timer !== undefined,
    lookAfterLag(lagMs: number) {
      const due = timer
      timer = undefined
      nowMs = (due?.atMs ?? nowMs) + lagMs
      due?.run()
    },
  }
}

describe('load shedding', () => {
  it('begins when two samples in a row are late, and ends with the first that is not', () => {
    const late = lateClock()
    const shedder = createLoadShedder(LAG_MS_MAX, late.clock)
    expect(shedder.isOverloaded()).toBe(false)
    late.lookAfterLag(LAG_MS_MAX + 1)
    expect(shedder.isOverloaded()).toBe(false)
    late.lookAfterLag(LAG_MS_MAX + 1)
    expect(shedder.isOverloaded()).toBe(true)
    late.lookAfterLag(LAG_MS_MAX)
    expect(shedder.isOverloaded()).toBe(false)
  })

  it('does not outlast an idle time: the first requests after it are served', () => {
    const late = lateClock()
    const shedder = createLoadShedder(LAG_MS_MAX, late.clock)
    shedder.isOverloaded()
    late.lookAfterLag(LAG_MS_MAX + 1)
    late.lookAfterLag(LAG_MS_MAX + 1)
    expect(late.isRunning()).toBe(false)
    expect(shedder.isOverloaded()).toBe(false)
  })

  it('does not begin at a lag equal to the bound', () => {
    const late = lateClock()
    const shedder = createLoadShedder(LAG_MS_MAX, late.clock)
    for (let look = 0; look < 10; look += 1) {
      expect(shedder.isOverloaded()).toBe(false)
      late.lookAfterLag(LAG_MS_MAX)
    }
  })

  it('measures nothing without requests', () => {
    const late = lateClock()
    const shedder = createLoadShedder(LAG_MS_MAX, late.clock)
    expect(late.isRunning()).toBe(false)
    shedder.isOverloaded()
    expect(late.isRunning()).toBe(true)
    late.lookAfterLag(LOOK_MS)
    expect(late.isRunning()).toBe(true)
    late.lookAfterLag(LOOK_MS)
    expect(late.isRunning()).toBe(false)
  })

  it('can be turned off', () => {
    const late = lateClock()
    const shedder = createLoadShedder(0, late.clock)
    expect(shedder.isOverloaded()).toBe(false)
    expect(late.isRunning()).toBe(false)
  })
})
