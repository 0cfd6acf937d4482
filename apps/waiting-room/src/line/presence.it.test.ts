import { setImmediate as otherWork } from 'node:timers/promises'
import { eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { admit } from '../admission/admit.ts'
import { lineKeys } from '../redis/keys.ts'
import type { LineRedis } from '../redis/line-redis.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'
import { createPresence } from './presence.ts'

const PRESENT_MS = 12_000
const log = silentLogger
let virtual: VirtualLine
beforeAll(async () => {
  virtual = await connectVirtualLine()
})
afterAll(() => virtual.close())

const lineOf = async (...buyers: readonly string[]) => {
  const { id } = await virtual.openSale({ admitPerSecond: 0.1 })
  await virtual.joinMany(id, buyers)
  // The first tick moves the edge of the window over them; nobody is admitted while no slot is free.
  await admit(virtual.line, id, 'kid')
  const seenUntil = (buyer: string) => virtual.redis.zscore(lineKeys(id).presentUntil, buyer)
  return { sale: id, seenUntil }
}

/** The line's Redis; its calls are counted, and wait until they are released. */
const gated = () => {
  const gate = Promise.withResolvers<void>()
  const calls: string[] = []
  const line: LineRedis = {
    ...virtual.line,
    run: async (script, sale, args) => {
      calls.push(sale)
      await gate.promise
      return await virtual.line.run(script, sale, args)
    },
  }
  return { line, calls, open: gate.resolve }
}

it('writes recently noted buyers to Redis in one call per sale, where they count as present for two polls', async () => {
  const [first, second] = [await lineOf('a', 'b'), await lineOf('c')]
  const { line, calls, open } = gated()
  open()
  const presence = createPresence({ line, log })
  for (const buyer of ['a', 'b', 'a']) presence.note(first.sale, { buyer, place: 1, presentMs: PRESENT_MS })
  presence.note(second.sale, { buyer: 'c', place: 1, presentMs: PRESENT_MS })
  const until = String(virtual.clock.now() + PRESENT_MS)
  await eventually(async () => expect(await second.seenUntil('c')).toBe(until))
  expect([await first.seenUntil('a'), await first.seenUntil('b')]).toEqual([until, until])
  expect(calls).toEqual([first.sale, second.sale])
})

it('stops once everything noted has been written, including calls in progress', async () => {
  const { sale, seenUntil } = await lineOf('a', 'b')
  const { line, calls, open } = gated()
  const presence = createPresence({ line, log })
  presence.note(sale, { buyer: 'a', place: 1, presentMs: PRESENT_MS })
  await eventually(() => expect(calls).toHaveLength(1))
  let stopped = false
  const stopping = presence.stop().then(() => {
    stopped = true
  })
  await otherWork()
  expect(stopped).toBe(false)
  open()
  await stopping
  expect(await seenUntil('a')).not.toBeNull()
  presence.note(sale, { buyer: 'b', place: 2, presentMs: PRESENT_MS })
  await presence.stop()
  expect(await seenUntil('b')).not.toBeNull()
})

it('an unavailable Redis in one call does not affect the next', async () => {
  const { sale, seenUntil } = await lineOf('a')
  let isAway = true
  const run: LineRedis['run'] = async (...call) => {
    if (isAway) throw new Error('away')
    return await virtual.line.run(...call)
  }
  const presence = createPresence({ line: { ...virtual.line, run }, log })
  presence.note(sale, { buyer: 'a', place: 1, presentMs: PRESENT_MS })
  await presence.stop()
  isAway = false
  presence.note(sale, { buyer: 'a', place: 1, presentMs: PRESENT_MS })
  await presence.stop()
  expect(await seenUntil('a')).not.toBeNull()
})
