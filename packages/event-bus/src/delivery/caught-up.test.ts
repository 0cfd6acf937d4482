import { beforeEach, describe, expect, it } from 'vitest'
import { type CaughtUp, createCaughtUp } from './caught-up.ts'

describe('the time up to which everything is handled', () => {
  let nowMs = 0
  let caughtUp: CaughtUp
  beforeEach(() => {
    nowMs = 1_000
    caughtUp = createCaughtUp(() => nowMs)
  })

  it('does not exist without partitions, and is unknown for new ones', () => {
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

  it('is not extended by a partition that arrives: earlier reads did not cover it', () => {
    caughtUp.own(['a'])
    caughtUp.know('a', 1_000)
    caughtUp.own(['a', 'b'])
    expect(caughtUp.ageMs()).toBe(Number.POSITIVE_INFINITY)
    caughtUp.know('b', 950)
    expect(caughtUp.ageMs()).toBe(50)
  })

  it('is not extended by a partition that leaves, until its new owner has had time to report', () => {
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
