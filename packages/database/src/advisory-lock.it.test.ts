import { eventually, type FreshDatabase, freshDatabase, startTcpProxy } from '@floodgate/testkit'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { holdAdvisoryLock } from './advisory-lock.ts'
import { createPool } from './pool.ts'

describe('an advisory lock', () => {
  let database: FreshDatabase
  let pool: Pool
  beforeAll(async () => {
    database = await freshDatabase()
    pool = createPool(database.url, { max: 1 })
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  it('has one holder at a time, and passes to the next one when it leaves', async () => {
    const contenders = ['a', 'b', 'c'].map((name) => contend(database.url, { key: 'one-at-a-time', name }))
    const holders = () => contenders.filter((each) => each.holds())
    await eventually(() => expect(holders()).toHaveLength(1))
    const first = holders()[0]

    await first?.leave()

    await eventually(() => expect(holders()).toHaveLength(1))
    expect(holders()[0]).not.toBe(first)
    await Promise.all(contenders.map((each) => each.leave()))
    expect(contenders.map((each) => each.heldAtOnceMax())).not.toContain(2)
  })

  it('is lost with its connection: the work is aborted, and the lock is taken again', async () => {
    const holder = contend(database.url, { key: 'loses-its-connection', name: 'holder' })
    await eventually(() => expect(holder.times()).toBe(1))

    await pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'holder'`)

    await eventually(() => expect(holder.times()).toBe(2))
    expect(holder.lost()).toHaveLength(1)
    await holder.leave()
  })

  it('notifies waiting processes', async () => {
    const holder = contend(database.url, { key: 'waited-for', name: 'holder' })
    await eventually(() => expect(holder.holds()).toBe(true))
    const waiter = contend(database.url, { key: 'waited-for', name: 'waiter' })
    await eventually(() => expect(waiter.waits()).toBe(true))

    await holder.leave()

    await eventually(() => expect(waiter.holds()).toBe(true))
    expect(waiter.waits()).toBe(false)
    await waiter.leave()
  })

  it('stops while the server is unresponsive: with the lock, waiting for it, or not connected yet', async () => {
    const proxy = await startTcpProxy(database.url)
    const holder = contend(proxy.url, { key: 'mute', name: 'holder' })
    await eventually(() => expect(holder.holds()).toBe(true))
    const waiter = contend(proxy.url, { key: 'mute', name: 'waiter' })
    await eventually(() => expect(waiter.waits()).toBe(true))
    proxy.blackhole()
    const ungreeted = contend(proxy.url, { key: 'mute', name: 'ungreeted' })
    await eventually(() => expect(proxy.connections()).toBe(3))
    await Promise.all([holder, waiter, ungreeted].map((each) => each.leave()))
    proxy.heal()
    await eventually(() => expect(proxy.connections()).toBe(0))
    await proxy.close()
  })

  it('keeps trying while the database is missing, and ends when stopped', async () => {
    const lost: unknown[] = []
    const stop = new AbortController()
    const url = 'postgres://nobody@127.0.0.1:1/none'
    const never = async () => expect.unreachable()
    const trying = holdAdvisoryLock({
      url,
      key: 'k',
      signal: stop.signal,
      whileHeld: never,
      onLost: (error) => lost.push(error),
    })
    await eventually(() => expect(lost.length).toBeGreaterThan(1))
    stop.abort()
    await trying
  })
})

function contend(url: string, options: { readonly key: string; readonly name: string }) {
  const stop = new AbortController()
  const lost: unknown[] = []
  const seen = { holding: 0, heldAtOnceMax: 0, times: 0, waiting: false }
  const done = holdAdvisoryLock({
    url,
    key: options.key,
    signal: stop.signal,
    applicationName: options.name,
    onLost: (error) => lost.push(error),
    whileWaiting: (waiting) => {
      seen.waiting = true
      waiting.addEventListener('abort', () => {
        seen.waiting = false
      })
    },
    whileHeld: async (held) => {
      seen.times += 1
      seen.holding += 1
      seen.heldAtOnceMax = Math.max(seen.heldAtOnceMax, seen.holding)
      await new Promise((resolve) => held.addEventListener('abort', resolve, { once: true }))
      seen.holding -= 1
    },
  })
  return {
    holds: () => seen.holding > 0,
    waits: () => seen.waiting,
    times: () => seen.times,
    heldAtOnceMax: () => seen.heldAtOnceMax,
    lost: () => lost,
    leave: async () => {
      stop.abort()
      await done
    },
  }
}
