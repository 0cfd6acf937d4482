import { afterAll, beforeAll, expect, it } from 'vitest'
import { leaveAll } from '../line/leave.ts'
import { lineKeys } from '../redis/keys.ts'
import type { Sale } from '../sales/sale.ts'
import { connectLostLine, type LostLine } from '../testing/lost-line.ts'
import { readBuyerState } from '../testing/one-buyer.ts'
import { type ExtendOutcome, extendTurn, extensionsOf } from './extend-turn.ts'
import { holdSlot } from './hold-slot.ts'
import { giveSlotsBack, returnSlots } from './return-slot.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const DAY_MS = 86_400 * SECOND_MS
/** An admission ends this long before its slot. */
const MARGIN_MS = 5 * SECOND_MS
let lost: LostLine
beforeAll(async () => {
  lost = await connectLostLine()
})
afterAll(() => lost.close())

async function admitAnn(settings: Partial<Sale> = {}) {
  const { line, redis, clock } = lost.virtual
  const sale = await lost.virtual.openSale({ maxActive: 1, admissionTtlSeconds: 120, ...settings })
  await lost.virtual.joinAndStay(sale.id, ['ann', 'ben'])
  const [admitted] = await lost.admitAll(sale, 1)
  const slot = admitted?.slot ?? ''
  const begunMs = clock.now()
  return {
    sale,
    slot,
    begunMs,
    endMs: begunMs + (settings.admissionTtlSeconds ?? 120) * SECOND_MS,
    extend: (number: number, buyer = 'ann') => extendTurn(line, sale.id, { buyer, number }),
    deadline: async () => Number(await redis.zscore(lineKeys(sale.id).active, slot)),
    standing: async () => {
      const told = await readBuyerState(line, sale.id, { buyer: 'ann', place: 1, presentMs: 0 })
      return told.kind === 'admitted' ? told.slot : told
    },
    order: (order: string, state: 'placed' | 'declined') =>
      holdSlot(line, sale.id, {
        ...{ slot, order, orderCreatedMs: clock.now() },
        deadlineMs: state === 'placed' ? clock.now() + 10 * MINUTE_MS : undefined,
      }),
  }
}
const entries = async (sale: Sale) => {
  const log = await lost.virtual.redis.xrange(lineKeys(sale.id).log, '-', '+')
  return log.map(([, body = []]) =>
    Object.fromEntries(Array.from({ length: body.length / 2 }, (_, at) => [body[2 * at], body[2 * at + 1]])),
  )
}
const kindOf = ({ kind }: ExtendOutcome) => kind

it('moves the end of the admission and of the slot by a minute, once for each number, however often it is repeated', async () => {
  const { extend, deadline, standing, endMs, sale, slot } = await admitAnn()
  const extended = await extend(1)
  expect(extended).toMatchObject({
    kind: 'extended',
    slot: { slot, buyer: 'ann', deadlineMs: endMs + MINUTE_MS, extensions: 1 },
  })
  // A lost request, and another tab.
  expect((await Promise.all([extend(1), extend(1)])).map(kindOf)).toEqual(['known', 'known'])
  expect(await deadline()).toBe(endMs + MINUTE_MS)
  expect(await extend(2)).toMatchObject({
    kind: 'extended',
    slot: { deadlineMs: endMs + 2 * MINUTE_MS, extensions: 2 },
  })
  expect(await extend(1)).toMatchObject({ kind: 'known', slot: { extensions: 2 } })
  expect(await extend(3)).toEqual({ kind: 'used' })
  expect(await deadline()).toBe(endMs + 2 * MINUTE_MS)
  expect(await standing()).toMatchObject({ deadlineMs: endMs + 2 * MINUTE_MS, extensions: 2, kid: 'kid' })
  expect((await entries(sale)).filter(({ kind }) => kind === 'extended')).toMatchObject([
    { slot, buyer: 'ann', place: '1', deadline: String(endMs + MINUTE_MS), count: '1', reason: 'asked' },
    { deadline: String(endMs + 2 * MINUTE_MS), count: '2' },
  ])
})

it('keeps the slot as long as the admission, and no other buyer is admitted to it', async () => {
  const { extend, sale, slot } = await admitAnn()
  const { line, clock } = lost.virtual
  await extend(1)
  clock.advance(179 * SECOND_MS)
  expect(await returnSlots(line, sale.id, { reason: 'expired' })).toEqual([])
  expect((await lost.tick(sale)).admitted).toEqual([])
  clock.advance(SECOND_MS)
  expect(await returnSlots(line, sale.id, { reason: 'expired' })).toEqual([slot])
  expect(await lost.admitAll(sale, 1)).toMatchObject([{ buyer: 'ben' }])
})

it.each([
  [-1, 'extended'],
  [0, 'none'],
])('ends with the admission: %d ms before its end it is %s', async (fromEndMs, kind) => {
  const { extend, endMs, deadline } = await admitAnn()
  const { clock } = lost.virtual
  const passEndMs = Math.floor((endMs - MARGIN_MS) / SECOND_MS) * SECOND_MS
  clock.advance(passEndMs + fromEndMs - clock.now())
  expect(kindOf(await extend(1))).toBe(kind)
  expect(await deadline()).toBe(kind === 'extended' ? endMs + MINUTE_MS : endMs)
})

it('is rejected without a turn: waiting, unknown, given back, finished', async () => {
  const { extend, sale, slot, deadline, endMs } = await admitAnn()
  const { line } = lost.virtual
  expect(await extend(1, 'ben')).toEqual({ kind: 'none' })
  expect(await extend(1, 'nobody')).toEqual({ kind: 'none' })
  await leaveAll(line, sale.id, [{ buyer: 'ann', claimedPlace: 1 }])
  expect(await extend(1)).toEqual({ kind: 'none' })
  expect(await deadline()).toBe(endMs)
  const finished = await admitAnn()
  await giveSlotsBack(line, finished.sale.id, { slots: [finished.slot], reason: 'finished' })
  expect(await finished.extend(1)).toEqual({ kind: 'none' })
  expect(await lost.virtual.redis.zscore(lineKeys(sale.id).active, slot)).not.toBeNull()
})

it('is rejected while an order holds the slot, and available again once it was declined', async () => {
  const { extend, order, deadline, endMs } = await admitAnn()
  await order('one', 'placed')
  const heldUntil = await deadline()
  expect(await extend(1)).toEqual({ kind: 'ordered' })
  // Also when the hold is over and the order's event is late.
  lost.virtual.clock.advance(100 * SECOND_MS)
  expect(await extend(1)).toEqual({ kind: 'ordered' })
  expect(await deadline()).toBe(heldUntil)
  await order('one', 'declined')
  expect(await extend(1)).toMatchObject({ kind: 'extended', slot: { deadlineMs: endMs + MINUTE_MS } })
  expect(await deadline()).toBe(endMs + MINUTE_MS)
})

it('a late order keeps its hold, and its decline leaves the longer turn', async () => {
  const { extend, order, deadline, endMs, begunMs } = await admitAnn()
  expect(kindOf(await extend(1))).toBe('extended')
  await order('late', 'placed')
  expect(await deadline()).toBe(begunMs + 10 * MINUTE_MS)
  await order('late', 'declined')
  expect(await deadline()).toBe(endMs + MINUTE_MS)
})

it('follows a setting that changes during the turn; a sale without the setting has the default', async () => {
  const never = await admitAnn({ extensionsMax: 0 })
  expect(await never.extend(1)).toEqual({ kind: 'off' })
  const older = await admitAnn()
  await lost.virtual.redis.hdel(lineKeys(older.sale.id).sale, 'extensionsMax')
  expect(kindOf(await older.extend(2))).toBe('extended')
  expect(await older.extend(3)).toEqual({ kind: 'used' })
  await lost.virtual.redis.hset(lineKeys(older.sale.id).sale, 'extensionsMax', 0)
  expect(kindOf(await older.extend(2)), 'granted extensions stay').toBe('known')
})

it('makes no turn longer than a day', async () => {
  const { extend, standing } = await admitAnn({ admissionTtlSeconds: DAY_MS / SECOND_MS - 60, extensionsMax: 10 })
  const own = await standing()
  if (!('extensions' in own)) throw new Error(own.kind)
  expect(extensionsOf({ extensionsMax: 10 }, own)).toEqual({ taken: 0, remaining: 1, seconds: 60 })
  expect(kindOf(await extend(1))).toBe('extended')
  expect(await extend(2)).toEqual({ kind: 'used' })
})

it('is a sign of life: no other claim is needed', async () => {
  const { extend, sale } = await admitAnn({ claimSeconds: 20 })
  await extend(1)
  lost.virtual.clock.advance(30 * SECOND_MS)
  expect(await returnSlots(lost.virtual.line, sale.id, { reason: 'unclaimed' })).toEqual([])
})

it('continues after a close: an admitted buyer may finish', async () => {
  const { extend, sale } = await admitAnn()
  await lost.virtual.redis.hset(lineKeys(sale.id).sale, 'state', 'closed')
  expect(kindOf(await extend(1))).toBe('extended')
})

it('a clock that is set back prolongs no turn: it lasts its full length with its extension', async () => {
  const { extend, deadline, sale } = await admitAnn()
  const { clock } = lost.virtual
  await extend(1)
  await lost.tick(sale)
  clock.setBack(60 * MINUTE_MS)
  await lost.tick(sale)
  expect(await deadline()).toBe(clock.now() + 180 * SECOND_MS)
  expect(kindOf(await extend(2))).toBe('extended')
  expect(await deadline()).toBe(clock.now() + 240 * SECOND_MS)
  clock.advance(240 * SECOND_MS - MARGIN_MS)
  expect(await extend(3), 'the slot is about to return, whatever its admission says').toEqual({ kind: 'none' })
})

it.each(['nothing', 'partial', 'total'] as const)(
  'survives a Redis that loses %s, with its count; an earlier declined order does not shorten it',
  async (loss) => {
    const { extend, order, sale, deadline, standing, endMs } = await admitAnn()
    await order('one', 'placed')
    // One round of the archive has the slot, the next one its later state.
    await lost.archiveAll(sale.id)
    await order('one', 'declined')
    await extend(1)
    await lost.archiveAll(sale.id)
    await lost.lose(sale, loss)
    expect(await deadline()).toBe(endMs + MINUTE_MS)
    expect(await standing()).toMatchObject({ deadlineMs: endMs + MINUTE_MS, extensions: 1 })
    expect(kindOf(await extend(1))).toBe('known')
    expect(kindOf(await extend(2))).toBe('extended')
    expect(await extend(3)).toEqual({ kind: 'used' })
  },
)

it('that was lost with the last second is available again', async () => {
  const { extend, sale, deadline, endMs } = await admitAnn()
  await lost.archiveAll(sale.id)
  await extend(1)
  await lost.virtual.redis.del(lineKeys(sale.id).log)
  await lost.lose(sale, 'total')
  expect(await deadline()).toBe(endMs)
  // Its page continues from its own number.
  expect(await extend(2)).toMatchObject({
    kind: 'extended',
    slot: { deadlineMs: endMs + 2 * MINUTE_MS, extensions: 2 },
  })
  expect(kindOf(await extend(2))).toBe('known')
})

it('a line that must be recovered first grants none', async () => {
  const { extend, sale } = await admitAnn()
  await lost.virtual.redis.hset(lineKeys(sale.id).sale, 'run', 'another')
  expect(await extend(1)).toEqual({ kind: 'lost' })
  await lost.virtual.redis.del(...Object.values(lineKeys(sale.id)))
  expect(await extend(1)).toEqual({ kind: 'missing' })
})
