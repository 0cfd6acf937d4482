import { expect, it } from 'vitest'
import { costPerRequest } from './redis-cost.ts'

const stats = (evalsha: number, zadd: number) =>
  new Map([
    ['evalsha', { calls: evalsha, microseconds: evalsha * 10 }],
    ['zadd', { calls: zadd, microseconds: zadd }],
  ])

it('subtracts the background work of the same time', () => {
  const idle = { stats: stats(14, 0), seconds: 1 }
  expect(costPerRequest({ stats: stats(28, 0), seconds: 2 }, idle, 1_000)).toEqual({
    commands: 0,
    scripts: 0,
    scriptMicroseconds: 0,
    anyway: 0.028,
  })
  expect(costPerRequest({ stats: stats(1_028, 1_000), seconds: 2 }, idle, 1_000)).toEqual({
    commands: 2,
    scripts: 1,
    scriptMicroseconds: 10,
    anyway: 0.028,
  })
})
