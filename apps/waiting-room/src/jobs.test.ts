import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createJobs, type Jobs } from './jobs.ts'

let jobs: Jobs
let watched: string[]
let read: string[]
beforeEach(() => {
  vi.useFakeTimers()
  watched = []
  read = []
  jobs = createJobs({
    sales: {
      all: () => [],
      discover: async () => undefined,
      getWithin: async (sale: string) => void read.push(sale),
    },
    hub: { isWatched: (sale: string) => watched.includes(sale), watched: () => watched },
    isFirst: () => false,
    paymentDelay: { refresh: async () => undefined },
    ordersSeen: { exchange: async () => undefined, leave: async () => undefined },
    revocations: { refresh: async () => undefined },
    endRevoked: { work: async () => undefined },
    archive: { keepBounds: async () => undefined, work: async () => undefined },
    metrics: { failures: { inc: () => undefined } },
    pool: { query: async () => ({ rows: [], rowCount: 0 }), connect: async () => Promise.reject(new Error('away')) },
    config: {},
    log: silentLogger,
  } as never)
  jobs.start()
})
afterEach(async () => {
  vi.useRealTimers()
  await jobs.stop()
})

it('a sale that Redis lost is restored even if its buyers have only sockets and none polls', async () => {
  await vi.advanceTimersByTimeAsync(5_000)
  expect(read).toEqual([])
  watched = ['lost']
  await vi.advanceTimersByTimeAsync(5_000)
  expect(read.length).toBeGreaterThanOrEqual(4)
  expect(new Set(read)).toEqual(new Set(['lost']))
})
