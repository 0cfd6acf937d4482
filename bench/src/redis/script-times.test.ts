import { expect, it } from 'vitest'
import { scriptTimes, shaOf } from './script-times.ts'

const call = (microseconds: number, ...args: string[]) => ({ microseconds, arguments: args })

it('selects the times of one script and one key from the whole log of Redis', () => {
  const calls = [
    ...Array.from({ length: 100 }, (_, index) => call(index + 1, 'evalsha', 'abc', '2', 'long', 'x')),
    call(9_000, 'evalsha', 'abc', '2', 'short', 'x'),
    call(8_000, 'evalsha', 'other', '2', 'long', 'x'),
    call(7_000, 'INFO'),
  ]
  expect(scriptTimes(calls, { sha: 'abc', key: 'long' })).toEqual({
    count: 100,
    p50: 51,
    p99: 100,
    max: 100,
  })
  expect(scriptTimes(calls, { sha: 'abc', key: 'short' })?.max).toBe(9_000)
  expect(scriptTimes(calls, { sha: 'never', key: 'long' })).toBeUndefined()
})

it('finds the timed scripts by their paths', () => {
  for (const path of ['admission/admit', 'snapshot/snapshot', 'line/join'])
    expect(shaOf(`waiting-room/src/${path}.lua`)).toMatch(/^[0-9a-f]{40}$/)
})
