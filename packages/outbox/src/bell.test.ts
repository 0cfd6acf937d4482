import { describe, expect, it } from 'vitest'
import { createBell } from './bell.ts'

const forever = 2 ** 30
const never = new AbortController().signal

describe('a bell', () => {
  it('ends a wait', async () => {
    const bell = createBell()
    const waiting = bell.wait(forever, never)
    bell.ring()
    await waiting
  })

  it('keeps a ring that nobody waited for, and many rings as one', async () => {
    const bell = createBell()
    bell.ring()
    bell.ring()
    await bell.wait(forever, never)
    const aborted = new AbortController()
    const second = bell.wait(forever, aborted.signal).then(() => aborted.signal.aborted)
    aborted.abort()
    expect(await second).toBe(true)
  })
})
