import { describe, expect, it } from 'vitest'
import { pauseMs } from './backoff.ts'
import { isPassing, readProblem, retryAfterMs } from './problem.ts'

describe("a server's Retry-After", () => {
  it('is read as seconds or as a date', () => {
    expect(retryAfterMs('3', 0)).toBe(3_000)
    expect(retryAfterMs('Thu, 01 Jan 1970 00:00:05 GMT', 1_000)).toBe(4_000)
    expect(retryAfterMs('soon', 0)).toBeUndefined()
  })

  it("survives a proxy's error page", () => {
    const problem = readProblem({ status: 502, body: undefined, retryAfter: null, location: null, nowMs: 0 })
    expect(problem).toMatchObject({ code: 'unavailable', status: 502 })
    expect(isPassing(problem)).toBe(true)
  })

  it('is respected, also when it says that repetition never helps', () => {
    const of = (body: unknown) => readProblem({ status: 500, body, retryAfter: null, location: null, nowMs: 0 })
    expect(isPassing(of({ code: 'internal', retryable: true }))).toBe(true)
    expect(isPassing(of({ code: 'internal', retryable: false }))).toBe(false)
  })

  it('is replaced by growing, jittered pauses when it is missing', () => {
    expect([1, 2, 3, 9].map((failures) => pauseMs(failures, 0))).toEqual([500, 1_000, 2_000, 7_500])
    expect(pauseMs(9, 0.999)).toBeLessThanOrEqual(15_000)
  })
})
