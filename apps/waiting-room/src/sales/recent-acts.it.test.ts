import { eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readStream } from '../archive/archive-log.ts'
import { lineKeys } from '../redis/keys.ts'
import { extendTurn } from '../slots/extend-turn.ts'
import { holdSlot } from '../slots/hold-slot.ts'
import { giveSlotsBack, returnSlots } from '../slots/return-slot.ts'
import { connectLostLine, type LostLine } from '../testing/lost-line.ts'
import { joinLine, leaveLine } from '../testing/one-buyer.ts'
import { createRecentActs, type RecentActs } from './recent-acts.ts'
import type { Sale } from './sale.ts'

const SECOND_MS = 1_000
const RECOVERED_MS = 31 * SECOND_MS
let lost: LostLine
beforeAll(async () => {
  lost = await connectLostLine()
})
afterAll(() => lost.close())

const { now } = { now: () => lost.virtual.clock.now() }
let sale: Sale
let acts: RecentActs
let slots: string[]
let restorations: number
const createActs = () =>
  createRecentActs({
    ...{ line: lost.virtual.line, log: silentLogger, lastSeenMs: now },
    onRestored: () => {
      restorations += 1
    },
  })
/** Two of four buyers are admitted, and the last leaves: neither Redis nor the archive will know of it. */
beforeEach(async () => {
  const { virtual } = lost
  sale = await virtual.openSale({ admitPerSecond: 10, maxActive: 2 })
  await virtual.joinAndStay(sale.id, ['ann', 'ben', 'cat', 'dan'])
  await lost.archiveAll(sale.id)
  restorations = 0
  acts = createActs()
  const admitted = await lost.admitAll(sale, 2)
  acts.note(
    sale.id,
    admitted.map((each) => ({ ...each, atMs: now(), kid: 'kid' })),
  )
  slots = admitted.map(({ slot }) => slot)
  await leaveLine(virtual.line, sale.id, 'dan')
  acts.note(sale.id, [{ buyer: 'dan', place: 4, atMs: now() }])
})

const isServed = (place: number) => lost.virtual.redis.getbit(lineKeys(sale.id).served, place)
const active = () => lost.virtual.redis.zrange(lineKeys(sale.id).active, '0', '-1')
async function putBack() {
  acts.restarted({ of: () => ({ runId: '', previous: '' }) })
  await eventually(async () => expect(await isServed(4)).toBe(1))
  await acts.stop()
}

describe('the last seconds before a total loss', () => {
  it('may restore a buyer who was made to leave meanwhile: the callback is the time to do so again', async () => {
    await lost.lose(sale, 'total')
    const leaveAgain = () => leaveLine(lost.virtual.line, sale.id, 'ann')
    expect(await leaveAgain()).toMatchObject({ kind: 'gone' })
    await putBack()
    expect([restorations, await lost.standing(sale, 'ann', 1)]).toEqual([1, 'admitted'])
    expect(await leaveAgain()).toMatchObject({ kind: 'inside' })
  })

  it('are restored by the process that acted: no buyer is admitted twice, and every admission counts', async () => {
    await lost.lose(sale, 'total')
    // It shows its ticket before the process that admitted it reports.
    expect(await lost.standing(sale, 'ann', 1)).toBe('waiting')
    await putBack()
    expect((await active()).toSorted()).toEqual(slots.toSorted())
    expect(await lost.standing(sale, 'ann', 1)).toBe('admitted')
    expect(await lost.standing(sale, 'ben', 2)).toBe('admitted')
    expect(await lost.standing(sale, 'cat', 3)).toBe('waiting')
    expect(await lost.standing(sale, 'dan', 4)).toBe('finished')
    expect(restorations, 'so that revoked accounts among them leave again').toBe(1)
    lost.virtual.clock.advance(RECOVERED_MS)
    expect((await lost.tick(sale)).admitted).toEqual([])

    // The archive knows it from now on.
    await lost.archiveAll(sale.id)
    await lost.lose(sale, 'total')
    expect((await active()).toSorted()).toEqual(slots.toSorted())
    expect(await lost.standing(sale, 'dan', 4)).toBe('finished')
  })

  it('wait until the sale is recovered, and are restored once', async () => {
    const { redis } = lost.virtual
    await redis.hset(lineKeys(sale.id).sale, 'run', 'another')
    await redis.del(lineKeys(sale.id).served)
    acts.restarted({ of: () => ({ runId: '', previous: '' }) })
    await lost.recover(sale)
    await eventually(async () => expect(await isServed(4)).toBe(1))
    await putBack()
    // Redis had kept the slots: the archive of its log had served their places.
    expect((await active()).toSorted()).toEqual(slots.toSorted())
    expect(await redis.hget(lineKeys(sale.id).sale, 'admitted')).toBe('2')
  })

  it('do not undo what their buyers did since: a later place counts, an order that ended stays so', async () => {
    const { line, redis } = lost.virtual
    await lost.lose(sale, 'total')
    const again = await joinLine(line, sale.id, { buyer: 'ann', claimedPlace: 0 })
    await returnSlots(line, sale.id, { slots: [slots[1] ?? ''], reason: 'finished' })
    await putBack()
    expect(again).toMatchObject({ kind: 'joined' })
    expect(await lost.standing(sale, 'ann', 'place' in again ? again.place : 0)).toBe('waiting')
    expect(await active()).toEqual([slots[0]])
    expect(await redis.zrange(lineKeys(sale.id).leaving, '0', '-1')).toEqual([slots[0]])
    expect(await lost.standing(sale, 'ben', 2)).toBe('finished')
  })

  it('what was changed of slots is changed again, in order, and after the admission that it concerns', async () => {
    const { line, redis } = lost.virtual
    const [ann = '', ben = ''] = slots
    const order = { order: 'an-order', orderCreatedMs: now() }
    const inTenMinutes = now() + 600 * SECOND_MS
    const changes = [
      () => giveSlotsBack(line, sale.id, { slots: [ann], reason: 'finished' }),
      () => holdSlot(line, sale.id, { slot: ben, ...order, deadlineMs: inTenMinutes }),
      () => extendTurn(line, sale.id, { buyer: 'ben', number: 1, slot: ben }),
      () => holdSlot(line, sale.id, { slot: ben, ...order, deadlineMs: undefined }),
    ]
    for (const change of changes) {
      await change()
      acts.noteChange(sale.id, change)
    }
    await lost.lose(sale, 'total')
    await putBack()
    expect(await active()).toEqual([ben])
    expect(await lost.standing(sale, 'ann', 1)).toBe('finished')
    expect(await redis.hget(lineKeys(sale.id).held, ben)).toBe(`an-order ${order.orderCreatedMs} 0`)
  })

  it('a change that fails keeps no other one back', async () => {
    acts.noteChange(sale.id, () => Promise.reject(new Error('WRONGTYPE')))
    acts.noteChange(sale.id, () => giveSlotsBack(lost.virtual.line, sale.id, { slots, reason: 'finished' }))
    await lost.lose(sale, 'total')
    await putBack()
    expect(await active()).toEqual([])
  })

  it('a change waits until the sale is recovered', async () => {
    const { line, redis } = lost.virtual
    const { sale: hash } = lineKeys(sale.id)
    acts.noteChange(sale.id, () => giveSlotsBack(line, sale.id, { slots, reason: 'finished' }))
    await redis.hset(hash, 'run', 'another')
    acts.restarted({ of: () => ({ runId: '', previous: '' }) })
    await lost.recover(sale)
    await eventually(async () => expect(await active()).toEqual([]))
  })

  it('are restored by a process that read of them in the log', async () => {
    const records = await readStream(lost.virtual.line, sale.id, { after: '0-0', limit: 100 })
    await acts.stop()
    acts = createActs()
    acts.learn(sale.id, records)
    await lost.lose(sale, 'total')
    await putBack()
    expect((await active()).toSorted()).toEqual(slots.toSorted())
    expect(await lost.standing(sale, 'ben', 2)).toBe('admitted')
  })

  it('cover only the last seconds: older acts are in the archive', async () => {
    acts.note(sale.id, [{ buyer: 'dan', place: 40, atMs: now() - 11 * SECOND_MS }])
    await lost.lose(sale, 'total')
    await putBack()
    expect(await isServed(40)).toBe(0)
  })
})
