import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { admit } from '../admission/admit.ts'
import { lineKeys } from '../redis/keys.ts'
import { parseSlot } from '../redis/replies.ts'
import { extendTurn } from '../slots/extend-turn.ts'
import { finishTurn } from '../slots/finish-turn.ts'
import { holdSlot } from '../slots/hold-slot.ts'
import { returnSlots } from '../slots/return-slot.ts'
import { joinLine, leaveLine, readBuyerState } from '../testing/one-buyer.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'
import { notePresence } from './presence.ts'

let virtual: VirtualLine
beforeAll(async () => {
  virtual = await connectVirtualLine()
})
afterAll(() => virtual.close())

const buyer = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
const step = fc.oneof(
  fc.record({ kind: fc.constant('join' as const), buyer }),
  fc.record({ kind: fc.constant('leave' as const), buyer }),
  fc.record({ kind: fc.constant('poll' as const), buyer }),
  fc.record({ kind: fc.constant('presence' as const), buyer }),
  fc.record({ kind: fc.constant('return' as const), buyer }),
  fc.record({ kind: fc.constant('finish' as const), buyer }),
  fc.record({ kind: fc.constant('void' as const), buyer }),
  fc.record({ kind: fc.constant('hold' as const), buyer, declined: fc.boolean() }),
  fc.record({ kind: fc.constant('extend' as const), buyer, number: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('tick' as const), ms: fc.integer({ min: 1, max: 8_000 }) }),
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

const play = async (sale: string, action: Step) => {
  const { line, redis, clock } = virtual
  const slotOf = async (who: string) => (await redis.hget(lineKeys(sale).slotOf, who)) ?? 'no-such-slot'
  switch (action.kind) {
    case 'join':
      return await joinLine(line, sale, { buyer: action.buyer, claimedPlace: 0 })
    case 'leave':
      return await leaveLine(line, sale, action.buyer)
    case 'poll':
      return await readBuyerState(line, sale, { buyer: action.buyer, place: 0, presentMs: 3_000 })
    case 'presence':
      return await notePresence(line, sale, [{ buyer: action.buyer, place: 0, presentMs: 3_000 }])
    case 'return':
      return await returnSlots(line, sale, { slots: [await slotOf(action.buyer)], reason: 'finished' })
    case 'finish':
      return await finishTurn(line, sale, await slotOf(action.buyer))
    case 'void':
      return await returnSlots(line, sale, {
        slots: await redis.zrange(lineKeys(sale).leaving, '0', '-1'),
        reason: 'left',
      })
    case 'hold':
      return await holdSlot(line, sale, {
        slot: await slotOf(action.buyer),
        order: `order of ${action.buyer}`.replaceAll(' ', '-'),
        orderCreatedMs: clock.now(),
        deadlineMs: action.declined ? undefined : clock.now() + 20_000,
      })
    case 'extend':
      return await extendTurn(line, sale, action)
    case 'tick':
      return await admit(line, sale, 'kid')
  }
}

/**
 * Checks that a buyer is in at most one state, places are unique, and no slot is counted twice or lost. A slot that was
 * given back counts until its admission is void, and its buyer may be in line again meanwhile.
 */
const checkInvariant = async (sale: string, maxActive: number) => {
  const keys = lineKeys(sale)
  const { redis } = virtual
  const [queued, active, leaving, finishing, ended, counts, log] = await Promise.all([
    Promise.all([keys.line, keys.absent, keys.returning].map((key) => redis.zrange(key, '0', '-1'))),
    redis.zrange(keys.active, '0', '-1'),
    redis.zrange(keys.leaving, '0', '-1'),
    redis.smembers(keys.finishing),
    redis.zrange(keys.ended, '0', '-1'),
    redis.hmget(keys.sale, 'admitted', 'returned'),
    redis.xrange(keys.log, '-', '+'),
  ])
  const used = active.filter((slot) => !leaving.includes(slot))
  const turns = await Promise.all(used.map(async (slot) => parseSlot(slot, (await redis.hget(keys.slots, slot)) ?? '')))
  for (const { slot, admittedMs, deadlineMs, extensions } of turns) {
    expect(extensions).toBeLessThanOrEqual(2)
    expect(deadlineMs - admittedMs).toBeLessThanOrEqual(10_000 + extensions * 60_000)
    expect(Number(await redis.zscore(keys.active, slot))).toBeGreaterThanOrEqual(deadlineMs)
  }
  const everywhere = [...queued.flat(), ...turns.map((turn) => turn.buyer)]
  expect(new Set(everywhere).size).toBe(everywhere.length)
  expect(active.length).toBeLessThanOrEqual(maxActive)
  expect(active.filter((slot) => ended.includes(slot))).toEqual([])
  expect(finishing.filter((slot) => !leaving.includes(slot))).toEqual([])
  const [admitted, returned] = counts.map(Number)
  expect((admitted ?? 0) - (returned ?? 0)).toBe(active.length)
  const logged = (kind: string) => log.filter(([, body]) => body?.includes(kind)).length
  expect(logged('admitted')).toBe(admitted)
  expect(logged('returned')).toBe(returned)
}

it('any sequence of calls, each made twice, leaves every buyer in one place and every slot counted once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const sale = await virtual.openSale({
        admitPerSecond: 2,
        maxActive: 2,
        admissionTtlSeconds: 10,
        claimSeconds: 5,
        returnSeconds: 30,
      })
      virtual.clock.advance(31_000)
      for (const action of steps) {
        if (action.kind === 'tick') virtual.clock.advance(action.ms)
        await play(sale.id, action)
        await play(sale.id, action)
        await returnSlots(virtual.line, sale.id, { reason: 'expired' })
        await returnSlots(virtual.line, sale.id, { reason: 'unclaimed' })
      }
      await checkInvariant(sale.id, 2)
    }),
    { numRuns: 60 },
  )
})
