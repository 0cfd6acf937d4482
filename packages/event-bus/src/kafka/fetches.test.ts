import { beforeEach, describe, expect, it } from 'vitest'
import { createFetches } from './fetches.ts'

describe('the time up to which fetches prove everything handled', () => {
  let nowMs = 0
  let fetches: ReturnType<typeof createFetches>
  const begin = (node: number, isAllHandled = true): number => fetches.begin(node, { isAllHandled })
  const end = (node: number, atMs: number): void => {
    nowMs = atMs
    fetches.end(node)
  }
  beforeEach(() => {
    nowMs = 0
    fetches = createFetches(() => nowMs)
  })

  it('is unknown before a fetch is complete, and known when the next one begins', () => {
    expect(begin(1)).toBe(Number.NEGATIVE_INFINITY)
    end(1, 500)
    expect(begin(1)).toBe(500)
    end(1, 900)
    expect(begin(1, false)).toBe(500)
  })

  it('is unknown for all while one broker has not responded', () => {
    begin(1)
    begin(2)
    end(1, 500)
    expect(begin(1)).toBe(Number.NEGATIVE_INFINITY)
    end(2, 800)
    expect(begin(2)).toBe(500)
  })

  it('is unknown after partitions arrived or a batch failed, until the next fetch is complete', () => {
    begin(1)
    end(1, 500)
    fetches.forget()
    expect(begin(1)).toBe(Number.NEGATIVE_INFINITY)
    end(1, 700)
    expect(begin(1)).toBe(700)
  })

  it('does not wait for a broker that leads no partition any more', () => {
    begin(1)
    begin(2)
    end(1, 500)
    nowMs = 59_000
    expect(begin(1)).toBe(Number.NEGATIVE_INFINITY)
    end(1, 61_000)
    expect(begin(1)).toBe(61_000)
  })
})
