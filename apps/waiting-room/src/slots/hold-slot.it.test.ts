import { afterAll, beforeAll, expect, it } from 'vitest'
import { admit } from '../admission/admit.ts'
import { lineKeys } from '../redis/keys.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'
import { holdSlot } from './hold-slot.ts'
import { returnSlots } from './return-slot.ts'

let virtual: VirtualLine
beforeAll(async () => {
  virtual = await connectVirtualLine()
})
afterAll(() => virtual.close())

async function admitOne() {
  const sale = await virtual.openSale({ admitPerSecond: 10, maxActive: 1, admissionTtlSeconds: 20 })
  await virtual.joinMany(sale.id, ['ann'])
  virtual.clock.advance(100)
  const tick = await admit(virtual.line, sale.id, 'kid')
  const slot = tick.kind === 'ok' ? (tick.admitted[0]?.slot ?? '') : ''
  const ownMs = virtual.clock.now() + 20_000
  const deadline = async () => Number(await virtual.redis.zscore(lineKeys(sale.id).active, slot))
  expect(await deadline()).toBe(ownMs)
  const now = virtual.clock.now()
  return {
    sale: sale.id,
    slot,
    ownMs,
    deadline,
    place: (order: string, createdAfterMs: number, holdMs = 605_000) =>
      holdSlot(virtual.line, sale.id, {
        slot,
        order,
        orderCreatedMs: now + createdAfterMs,
        deadlineMs: now + createdAfterMs + holdMs,
      }),
    decline: (order: string, createdAfterMs: number) =>
      holdSlot(virtual.line, sale.id, { slot, order, orderCreatedMs: now + createdAfterMs, deadlineMs: undefined }),
  }
}

it("a declined order moves the slot's deadline back to the admission's own", async () => {
  const one = await admitOne()
  await one.place('first', 1)
  expect(await one.deadline()).toBeGreaterThan(one.ownMs)
  await one.decline('first', 1)
  expect(await one.deadline()).toBe(one.ownMs)
  virtual.clock.advance(20_000)
  expect(await returnSlots(virtual.line, one.sale, { reason: 'expired' })).toEqual([one.slot])
  expect(await virtual.redis.hlen(lineKeys(one.sale).held)).toBe(0)
})

it('a hold shorter than the admission does not shorten the slot', async () => {
  const one = await admitOne()
  expect(await one.place('short', 1, 5_000)).toEqual({ kind: 'kept' })
  expect(await one.deadline()).toBe(one.ownMs)
})

it('a second order on the same slot is not shortened by events of the first, in whatever order they arrive', async () => {
  const one = await admitOne()
  await one.place('first', 1)
  await one.place('second', 5_000)
  const heldUntil = await one.deadline()
  for (const late of [one.decline, one.place, one.decline]) {
    expect(await late('first', 1)).toEqual({ kind: 'kept' })
    expect(await one.deadline()).toBe(heldUntil)
  }
  await one.decline('second', 5_000)
  expect(await one.deadline()).toBe(one.ownMs)
})

it('an order that was declined is not held again by late news that it was placed', async () => {
  const one = await admitOne()
  await one.decline('first', 1)
  expect(await one.place('first', 1)).toEqual({ kind: 'kept' })
  expect(await one.deadline()).toBe(one.ownMs)
  await one.place('second', 5_000)
  expect(await one.deadline()).toBeGreaterThan(one.ownMs)
})

it('every move is logged with its deadline for a recovery, and a lost line is not touched', async () => {
  const one = await admitOne()
  await one.place('first', 1)
  await one.decline('first', 1)
  const log = await virtual.redis.xrange(lineKeys(one.sale).log, '-', '+')
  const moves = log.filter(([, body]) => body?.includes('extended')).map(([, body]) => body ?? [])
  const deadlines = moves.map((body) => Number(body[body.indexOf('deadline') + 1]))
  expect(deadlines).toEqual([one.ownMs - 20_000 + 1 + 605_000, one.ownMs])
  await virtual.redis.hset(lineKeys(one.sale).sale, 'run', 'another')
  expect(await one.place('second', 9)).toEqual({ kind: 'lost' })
  expect(await one.deadline()).toBe(one.ownMs)
})
