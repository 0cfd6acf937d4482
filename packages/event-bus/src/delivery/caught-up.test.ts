import { beforeEach, describe, expect, it } from 'vitest'
import { type CaughtUp, createCaughtUp } from './caught-up.ts'

describe('what a consumer knows to be handled', () => {
  let nowMs = 0
  let caughtUp: CaughtUp
  beforeEach(() => {
    nowMs = 1_000
    caughtUp = createCaughtUp(() => nowMs)
  })

  it('is nothing without partitions, and nothing is known of new ones', () => {
    expect(caughtUp.ageMs()).toBeUndefined()
    caughtUp.own(['a', 'b'])
    expect(caughtUp.ageMs()).toBe(Number.POSITIVE_INFINITY)
    caughtUp.know('a', 900)
    expect(caughtUp.ageMs()).toBe(Number.POSITIVE_INFINITY)
    caughtUp.know('b', 800)
    expect(caughtUp.ageMs()).toBe(200)
    caughtUp.know('b', 700)
    caughtUp.know('of another', 100)
    expect(caughtUp.ageMs()).toBe(200)
  })

  it('does not grow by a partition that comes: what was read before it came says nothing of it', () => {
    caughtUp.own(['a'])
    caughtUp.know('a', 1_000)
    caughtUp.own(['a', 'b'])
    expect(caughtUp.ageMs()).toBe(Number.POSITIVE_INFINITY)
    caughtUp.know('b', 950)
    expect(caughtUp.ageMs()).toBe(50)
  })

  it('does not grow by a partition that goes, until its new owner has had the time to say so itself', () => {
    caughtUp.own(['a', 'b'])
    caughtUp.know('a', 1_000)
    caughtUp.know('b', 400)
    caughtUp.own(['a'])
    nowMs = 10_999
    caughtUp.know('a', 10_999)
    expect(caughtUp.ageMs()).toBe(10_599)
    nowMs = 11_000
    expect(caughtUp.ageMs()).toBe(1)
    caughtUp.own([])
    caughtUp.own(['a'])
    expect(caughtUp.ageMs()).toBe(Number.POSITIVE_INFINITY)
  })
})
