import { afterAll, beforeAll, expect, it } from 'vitest'
import { leaveAll } from '../line/leave.ts'
import { lineKeys } from '../redis/keys.ts'
import { holdSlot } from '../slots/hold-slot.ts'
import { giveSlotsBack, returnSlots } from '../slots/return-slot.ts'
import { connectLostLine, type LostLine } from '../testing/lost-line.ts'
import { joinLine } from '../testing/one-buyer.ts'
import type { Sale } from './sale.ts'

const SECOND_MS = 1_000
const HOUR_MS = 3_600 * SECOND_MS
let lost: LostLine
beforeAll(async () => {
  lost = await connectLostLine()
})
afterAll(() => lost.close())

const active = (sale: Sale) => lost.virtual.redis.zrange(lineKeys(sale.id).active, '0', '-1')
const leaving = (sale: Sale) => lost.virtual.redis.zrange(lineKeys(sale.id).leaving, '0', '-1')
const revoke = (sale: Sale, slot: string) =>
  lost.pool.query(
    `insert into rooms.revocations (sale, slot, pass_expires_at) values ($1, $2, now() + interval '10 minutes')`,
    [sale.id, slot],
  )
async function admitAnn(settings: Partial<Sale> = {}) {
  const sale = await lost.virtual.openSale({ admitPerSecond: 10, maxActive: 1, ...settings })
  await lost.virtual.joinAndStay(sale.id, ['ann', 'ben'])
  const [admitted] = await lost.admitAll(sale, 1)
  return { sale, slot: admitted?.slot ?? '' }
}
async function leaveAndJoinAgain(sale: Sale) {
  expect(await leaveAll(lost.virtual.line, sale.id, [{ buyer: 'ann', claimedPlace: 1 }])).toMatchObject([
    { kind: 'inside' },
  ])
  expect(await joinLine(lost.virtual.line, sale.id, { buyer: 'ann', claimedPlace: 0 })).toMatchObject({
    kind: 'joined',
    place: 3,
  })
}

it.each([
  ['nothing', true],
  ['nothing', false],
  ['partial', true],
  ['partial', false],
  ['total', true],
] as const)(
  'a buyer who gave its turn back and joined again keeps the new place when Redis loses %s (revocation stored: %s)',
  async (loss, isStored) => {
    const { sale, slot } = await admitAnn()
    await leaveAndJoinAgain(sale)
    if (isStored) await revoke(sale, slot)
    await lost.archiveAll(sale.id)
    await lost.lose(sale, loss)
    await lost.recover(sale)
    expect(await lost.standing(sale, 'ann', 3)).toBe('waiting')
    // The admission is not known to be void: its slot counts, and is about to return.
    expect(await active(sale)).toEqual([slot])
    expect(await leaving(sale)).toEqual([slot])
    expect((await lost.tick(sale)).leaving).toBe(1)
    expect(await returnSlots(lost.virtual.line, sale.id, { slots: [slot], reason: 'left' })).toEqual([slot])
    expect(await lost.standing(sale, 'ann', 3)).toBe('waiting')
  },
)

it.each(['nothing', 'total'] as const)(
  'a leave that only the revocation remembers stays one when Redis loses %s else: the buyer is not inside again',
  async (loss) => {
    const { sale, slot } = await admitAnn()
    await revoke(sale, slot)
    await lost.archiveAll(sale.id)
    await lost.lose(sale, loss)
    expect(await lost.standing(sale, 'ann', 1)).toMatch(/left|finished/)
    expect(await leaving(sale)).toEqual([slot])
    expect(await joinLine(lost.virtual.line, sale.id, { buyer: 'ann', claimedPlace: 0 })).toMatchObject({
      kind: 'joined',
    })
  },
)

it('a slot whose deadline passed during the outage is restored all the same: an order may have been placed on it', async () => {
  const { sale, slot } = await admitAnn({ admissionTtlSeconds: 20 })
  const { line, clock } = lost.virtual
  const orderCreatedMs = clock.now() + 10 * SECOND_MS
  await lost.archiveAll(sale.id)
  clock.advance(120 * SECOND_MS)
  await lost.lose(sale, 'total')
  expect(await active(sale)).toEqual([slot])
  // The order's event was late; what is known of orders does not reach the deadline yet.
  expect(await returnSlots(line, sale.id, { reason: 'expired', latestMs: orderCreatedMs })).toEqual([])
  const holding = { slot, order: 'late', orderCreatedMs, deadlineMs: orderCreatedMs + 605 * SECOND_MS }
  expect(await holdSlot(line, sale.id, holding)).toEqual({ kind: 'moved' })
  expect(await returnSlots(line, sale.id, { reason: 'expired' })).toEqual([])
  expect((await lost.tick(sale)).admitted).toEqual([])
})

it('an overdue slot without an order is returned once, and no later recovery restores it', async () => {
  const { sale, slot } = await admitAnn({ admissionTtlSeconds: 20 })
  await lost.archiveAll(sale.id)
  lost.virtual.clock.advance(2 * HOUR_MS)
  await lost.lose(sale, 'total')
  expect(await returnSlots(lost.virtual.line, sale.id, { reason: 'expired' })).toEqual([slot])
  await lost.archiveAll(sale.id)
  await lost.lose(sale, 'total')
  expect(await active(sale)).toEqual([])
})

it('a slot cannot be returned to a line that must be recovered first: the recovery would restore it later', async () => {
  const { sale, slot } = await admitAnn()
  const { line, redis, clock } = lost.virtual
  await lost.archiveAll(sale.id)
  await redis.hset(lineKeys(sale.id).sale, 'run', 'another')
  await redis.del(lineKeys(sale.id).active, lineKeys(sale.id).slots)
  const finished = { slots: [slot], reason: 'finished' } as const
  expect(await giveSlotsBack(line, sale.id, finished)).toEqual({ kind: 'lost' })
  await lost.recover(sale)
  expect(await giveSlotsBack(line, sale.id, finished)).toEqual({ kind: 'ok', slots: [slot] })
  await lost.archiveAll(sale.id)
  clock.advance(2 * HOUR_MS)
  await lost.lose(sale, 'total')
  expect(await active(sale)).toEqual([])
  await redis.del(...Object.values(lineKeys(sale.id)))
  expect(await giveSlotsBack(line, sale.id, finished)).toEqual({ kind: 'missing' })
})

it('a slot that was given back stays while an order holds it, however the hold and the admission end', async () => {
  // The hold ends long before the admission: its deadline alone does not show the order.
  const { sale, slot } = await admitAnn({ admissionTtlSeconds: 3_600 })
  const { line, clock } = lost.virtual
  const left = { slots: [slot], reason: 'left' } as const
  const order = { slot, order: 'one', orderCreatedMs: clock.now() }
  await holdSlot(line, sale.id, { ...order, deadlineMs: clock.now() + 605 * SECOND_MS })
  await leaveAndJoinAgain(sale)
  expect(await returnSlots(line, sale.id, left)).toEqual([])
  await lost.archiveAll(sale.id)
  await lost.lose(sale, 'nothing')
  expect(await returnSlots(line, sale.id, left)).toEqual([])
  await holdSlot(line, sale.id, { ...order, deadlineMs: undefined })
  expect(await returnSlots(line, sale.id, left)).toEqual([slot])
})

it('a slot admitted in the future lasts no longer than its full length', async () => {
  const { sale, slot } = await admitAnn({ admissionTtlSeconds: 60 })
  await lost.archiveAll(sale.id)
  // By the clock that is an hour behind the one of the admission.
  await lost.pool.query(
    `update rooms.open_slots set admitted_ms = admitted_ms + $2, deadline_ms = deadline_ms + $2, until_ms = until_ms + $2
     where sale = $1`,
    [sale.id, HOUR_MS],
  )
  await lost.lose(sale, 'total')
  const untilMs = Number(await lost.virtual.redis.zscore(lineKeys(sale.id).active, slot))
  expect(untilMs - lost.virtual.clock.now()).toBeLessThanOrEqual(60 * SECOND_MS)
})

it('what a recovery creates of a closed sale ends with it', async () => {
  const { sale } = await admitAnn()
  await lost.archiveAll(sale.id)
  const closed = { ...sale, state: 'closed' as const, version: 2 }
  await lost.lose(closed, 'total')
  const keys = lineKeys(sale.id)
  for (const key of [keys.sale, keys.log, keys.active, keys.slots, keys.slotOf, keys.served])
    expect(await lost.virtual.redis.pttl(key), key).toBeGreaterThan(0)
})

it('an act of an operator that Redis lost counts again after the recovery', async () => {
  const { sale } = await admitAnn()
  await lost.archiveAll(sale.id)
  const { id, name, admitPerSecond, maxActive, admissionTtlSeconds, claimSeconds, returnSeconds } = sale
  await lost.pool.query(
    `insert into rooms.sales (id, name, state, version, admit_per_second, max_active, admission_ttl_seconds, claim_seconds,
       return_seconds) values ($1, $2, 'paused', 2, $3, $4, $5, $6, $7)`,
    [id, name, admitPerSecond, maxActive, admissionTtlSeconds, claimSeconds, returnSeconds],
  )
  await lost.lose(sale, 'nothing')
  expect(await lost.virtual.redis.hget(lineKeys(id).sale, 'state')).toBe('paused')
})
