import { afterAll, beforeAll, expect, it } from 'vitest'
import { leaveAll } from '../line/leave.ts'
import { lineKeys } from '../redis/keys.ts'
import { connectLostLine, type LostLine } from '../testing/lost-line.ts'
import { joinLine, leaveLine } from '../testing/one-buyer.ts'
import { extendTurn } from './extend-turn.ts'
import { finishTurn } from './finish-turn.ts'
import { holdSlot } from './hold-slot.ts'
import { giveSlotsBack, returnSlots } from './return-slot.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
let lost: LostLine
beforeAll(async () => {
  lost = await connectLostLine()
})
afterAll(() => lost.close())

async function admitAnn() {
  const { line, redis, clock } = lost.virtual
  const sale = await lost.virtual.openSale({ maxActive: 1, admissionTtlSeconds: 120 })
  await lost.virtual.joinAndStay(sale.id, ['ann', 'ben'])
  const [admitted] = await lost.admitAll(sale, 1)
  const slot = admitted?.slot ?? ''
  const keys = lineKeys(sale.id)
  return {
    ...{ line, clock, sale, slot, keys },
    finish: async (name = slot) => (await finishTurn(line, sale.id, name)).kind,
    /** What the room does once the admission is void. */
    makeFree: () => returnSlots(line, sale.id, { slots: [slot], reason: 'left' }),
    standing: (buyer = 'ann', place = 1) => lost.standing(sale, buyer, place),
    returned: async () => {
      const log = await redis.xrange(keys.log, '-', '+')
      return log
        .filter(([, body = []]) => body[1] === 'returned')
        .map(([, body = []]) => body.slice(body.indexOf('reason')))
    },
    order: (order: string, state: 'placed' | 'declined') =>
      holdSlot(line, sale.id, {
        ...{ slot, order, orderCreatedMs: clock.now() },
        deadlineMs: state === 'placed' ? clock.now() + 10 * MINUTE_MS : undefined,
      }),
  }
}

it('ends the turn at once, and the slot goes to the next buyer once its pass is void', async () => {
  const { sale, slot, finish, makeFree, standing, returned, line } = await admitAnn()
  expect(await finish()).toBe('finishing')
  expect(await standing()).toBe('finished')
  expect(await extendTurn(line, sale.id, { buyer: 'ann', number: 1 })).toEqual({ kind: 'none' })
  expect((await lost.tick(sale)).admitted, 'the slot is taken until its pass is void').toEqual([])
  expect(await makeFree()).toEqual([slot])
  expect(await returned()).toEqual([['reason', 'finished']])
  expect(await standing()).toBe('finished')
  expect(await lost.admitAll(sale, 1)).toMatchObject([{ buyer: 'ben' }])
})

it('repeated, at the same time or later, it changes nothing', async () => {
  const { finish, makeFree, returned, standing } = await admitAnn()
  expect((await Promise.all([finish(), finish(), finish()])).toSorted()).toEqual(['finishing', 'known', 'known'])
  await makeFree()
  expect(await finish()).toBe('gone')
  expect(await makeFree()).toEqual([])
  expect(await returned()).toHaveLength(1)
  expect(await standing()).toBe('finished')
})

it('never returns the slot that the buyer, or the next one, has by now', async () => {
  const { sale, slot, finish, makeFree, keys, line } = await admitAnn()
  const { redis } = lost.virtual
  await finish()
  await makeFree()
  expect(await joinLine(line, sale.id, { buyer: 'ann', claimedPlace: 0 })).toMatchObject({ kind: 'joined', place: 3 })
  const [ben] = await lost.admitAll(sale, 1)
  expect(ben).toMatchObject({ buyer: 'ben' })
  for (let repeated = 0; repeated < 2; repeated += 1) expect(await finish(slot)).toBe('gone')
  expect(await redis.zrange(keys.active, '0', '-1')).toEqual([ben?.slot])
  await giveSlotsBack(line, sale.id, { slots: [ben?.slot ?? ''], reason: 'finished' })
  await lost.virtual.joinAndStay(sale.id, ['ann'])
  const [ann] = await lost.admitAll(sale, 1)
  expect(ann).toMatchObject({ buyer: 'ann' })
  expect(await finish(slot)).toBe('gone')
  expect(await redis.zrange(keys.active, '0', '-1')).toEqual([ann?.slot])
})

it('a slot that never was, and one that another sale has, are gone', async () => {
  const { finish } = await admitAnn()
  const other = await admitAnn()
  expect(await finish('no-such-slot')).toBe('gone')
  expect(await finish(other.slot)).toBe('gone')
  expect(await other.standing()).toBe('admitted')
  expect(await lost.virtual.redis.zrange(other.keys.ended, '0', '-1'), 'nothing is remembered of it').toEqual([])
})

it('an order of the order core ends the slot instead: while it holds the slot, nothing changes', async () => {
  const { sale, slot, finish, standing, order, line, returned } = await admitAnn()
  await order('an-order', 'placed')
  expect(await finish()).toBe('ordered')
  expect(await standing()).toBe('admitted')
  await order('an-order', 'declined')
  expect(await standing()).toBe('admitted')
  expect(await finish()).toBe('finishing')
  expect(await returnSlots(line, sale.id, { slots: [slot], reason: 'left' })).toEqual([slot])
  expect(await returned()).toEqual([['reason', 'finished']])
})

it('an order that was placed before, and is reported after, keeps the slot until it ends', async () => {
  const { sale, slot, finish, makeFree, order, line, returned } = await admitAnn()
  expect(await finish()).toBe('finishing')
  await order('an-order', 'placed')
  expect(await makeFree()).toEqual([])
  expect(await returnSlots(line, sale.id, { slots: [slot], reason: 'finished' })).toEqual([slot])
  expect(await returned()).toEqual([['reason', 'finished']])
})

it('a buyer who left before has left', async () => {
  const { sale, finish, makeFree, standing, line, returned } = await admitAnn()
  await leaveLine(line, sale.id, 'ann')
  expect(await finish()).toBe('known')
  expect(await standing()).toBe('left')
  await makeFree()
  expect(await returned()).toEqual([['reason', 'left']])
})

it('a buyer who is reported done and leaves afterwards is done', async () => {
  const { sale, finish, makeFree, standing, line, returned } = await admitAnn()
  await finish()
  await leaveAll(line, sale.id, [{ buyer: 'ann', claimedPlace: 1 }])
  expect(await standing()).toBe('finished')
  await makeFree()
  expect(await returned()).toEqual([['reason', 'finished']])
})

it('past its deadline the slot returns by itself, once', async () => {
  const { sale, slot, finish, makeFree, line, clock, returned, keys } = await admitAnn()
  await finish()
  clock.advance(121 * SECOND_MS)
  expect(await returnSlots(line, sale.id, { reason: 'expired' })).toEqual([slot])
  expect(await makeFree()).toEqual([])
  expect(await returned()).toEqual([['reason', 'finished']])
  expect(await lost.virtual.redis.exists(keys.finishing, keys.leaving)).toBe(0)
})

it.each(['total', 'partial', 'nothing'] as const)(
  'on a line that Redis lost (%s) it changes nothing before the recovery, and works after it',
  async (loss) => {
    const { sale, slot, finish, makeFree, standing } = await admitAnn()
    await lost.archiveAll(sale.id)
    const run = lost.virtual.line.runId(sale.id)
    await lost.virtual.redis.hset(lineKeys(sale.id).sale, 'run', 'another')
    expect(await finish()).toBe('lost')
    await lost.virtual.redis.hset(lineKeys(sale.id).sale, 'run', run)
    expect(await standing()).toBe('admitted')
    await lost.lose(sale, loss)
    expect(await finish()).toBe('finishing')
    await lost.lose(sale, loss)
    // What was confirmed in the lost moment is confirmed again.
    expect(await finish()).toBe(loss === 'total' ? 'finishing' : 'known')
    expect(await makeFree()).toEqual([slot])
    expect(await finish()).toBe('gone')
    await lost.archiveAll(sale.id)
    await lost.lose(sale, loss)
    expect(await finish()).toBe('gone')
  },
)

it('an unknown sale is missing', async () => {
  expect(await finishTurn(lost.virtual.line, 'no-such-sale', 'a-slot')).toEqual({ kind: 'missing' })
})

it('an admission extends its own turn only', async () => {
  const { sale, slot, line } = await admitAnn()
  expect(await extendTurn(line, sale.id, { buyer: 'ann', number: 1, slot: 'another' })).toEqual({ kind: 'none' })
  expect(await extendTurn(line, sale.id, { buyer: 'ben', number: 1, slot })).toEqual({ kind: 'none' })
  expect(await extendTurn(line, sale.id, { buyer: 'ann', number: 1, slot })).toMatchObject({
    kind: 'extended',
    slot: { slot, extensions: 1 },
  })
})
