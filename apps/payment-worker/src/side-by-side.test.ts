import { backOffMs, createWriteBehind } from '@floodgate/async'
import { isFaultOfPart } from '@floodgate/database'
import { expect, test } from 'vitest'
import { PROVIDER_BACK_OFF } from './back-off.ts'
import { createInFlight } from './in-flight.ts'

const never = new AbortController().signal

test('no more than the bound runs at once, and a key never twice', async () => {
  const inFlight = createInFlight(2)
  const first = Promise.withResolvers<void>()
  const second = Promise.withResolvers<void>()
  let repeated = false
  await inFlight.start('a', () => first.promise, never)
  await inFlight.start(
    'a',
    async () => {
      repeated = true
    },
    never,
  )
  await inFlight.start('b', () => second.promise, never)
  expect(inFlight.free()).toBe(0)
  let started = false
  const third = inFlight.start(
    'c',
    async () => {
      started = true
    },
    never,
  )
  await Promise.resolve()
  expect(started).toBe(false)
  first.resolve()
  await third
  second.resolve()
  await inFlight.idle()
  expect({ started, repeated, size: inFlight.size() }).toEqual({ started: true, repeated: false, size: 0 })
})

test('a caller that waits for a slot stops when its signal aborts', async () => {
  const inFlight = createInFlight(1)
  const running = Promise.withResolvers<void>()
  await inFlight.start('a', () => running.promise, never)
  const aborted = new AbortController()
  const waiting = inFlight.start('b', async () => undefined, aborted.signal)
  aborted.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  running.resolve()
})

test('an item that arrives while a group is written joins the next one; an unavailable database fails only its own group', async () => {
  const groups: number[][] = []
  const write = createWriteBehind<number, number>({
    itemsMax: 2,
    isFault: isFaultOfPart,
    write: async (items) => {
      groups.push([...items])
      await Promise.resolve()
      if (items.includes(4)) throw Object.assign(new Error('away'), { code: '08006' })
      return items.map((item) => item * 10)
    },
  })
  const results = await Promise.allSettled([1, 2, 3, 4, 5].map(write))
  expect(groups).toEqual([[1], [2, 3], [4, 5]])
  expect(results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed'))).toEqual([
    10,
    20,
    30,
    'failed',
    'failed',
  ])
})

test('the pause between rounds doubles from half a second to five', () => {
  expect([0, 1, 2, 9].map((tries) => backOffMs(PROVIDER_BACK_OFF, tries, 1))).toEqual([500, 1_000, 2_000, 5_000])
  expect(backOffMs(PROVIDER_BACK_OFF, 9, 0)).toBe(2_500)
})

test('an item that cannot be written affects none of its group', async () => {
  const write = createWriteBehind<number, number>({
    write: async (items) => {
      if (items.includes(3)) throw Object.assign(new Error('bad row'), { code: '23514' })
      return items.map((item) => item * 2)
    },
    itemsMax: 100,
    isFault: isFaultOfPart,
  })
  const results = await Promise.allSettled([1, 2, 3, 4, 5].map((item) => write(item)))
  expect(results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed'))).toEqual([
    2,
    4,
    'failed',
    8,
    10,
  ])
})
