import { withTransaction } from '@floodgate/database'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readStream } from '../archive/archive-log.ts'
import { insertArchived } from '../archive/archive-store.ts'
import { cutLog } from '../archive/cut-log.ts'
import { readLineTotals, readServed } from '../archive/line-summary.ts'
import { leaveAll } from '../line/leave.ts'
import { notePresence } from '../line/presence.ts'
import { lineKeys } from '../redis/keys.ts'
import { holdSlot } from '../slots/hold-slot.ts'
import { returnSlots } from '../slots/return-slot.ts'
import { connectLostLine, type LostLine } from '../testing/lost-line.ts'
import { joinLine } from '../testing/one-buyer.ts'
import type { VirtualLine } from '../testing/virtual-line.ts'
import { projectSale } from './project-sale.ts'
import type { Sale } from './sale.ts'

const SECOND_MS = 1_000
const HOUR_MS = 3_600 * SECOND_MS
let lost: LostLine
let virtual: VirtualLine
let pool: LostLine['pool']
let archiveAll: LostLine['archiveAll']
let admitAll: LostLine['admitAll']
let standing: LostLine['standing']
let recover: LostLine['recover']
let lose: LostLine['lose']
beforeAll(async () => {
  lost = await connectLostLine()
  ;({ virtual, pool, archiveAll, admitAll, standing, recover, lose } = lost)
})
afterAll(() => lost.close())
const inLine = (sale: Sale) => virtual.redis.zrange(lineKeys(sale.id).line, '0', '-1')

it('restores every open slot, with the deadline of its order', async () => {
  const sale = await virtual.openSale({ admitPerSecond: 10_000, maxActive: 5_000 })
  await virtual.joinAndStay(
    sale.id,
    Array.from({ length: 5_001 }, (_, index) => `b${index}`),
  )
  const admitted = await admitAll(sale, 5_000)
  const [ordered, declined] = [admitted[7]?.slot ?? '', admitted[8]?.slot ?? '']
  const orderCreatedMs = virtual.clock.now()
  const deadlineMs = orderCreatedMs + 2 * HOUR_MS
  for (const [slot, order] of [
    [ordered, 'one'],
    [declined, 'two'],
  ] as const)
    await holdSlot(virtual.line, sale.id, { slot, order, orderCreatedMs, deadlineMs })
  await holdSlot(virtual.line, sale.id, { slot: declined, order: 'two', orderCreatedMs, deadlineMs: undefined })
  const { active } = lineKeys(sale.id)
  const before = await virtual.redis.zrange(active, '0', '-1', 'WITHSCORES')
  await archiveAll(sale.id)
  await lose(sale, 'total')
  expect(await virtual.redis.zrange(active, '0', '-1', 'WITHSCORES')).toEqual(before)
  expect(Number(await virtual.redis.zscore(active, ordered))).toBe(deadlineMs)
  virtual.clock.advance(31 * SECOND_MS)
  expect((await lost.tick(sale)).admitted).toEqual([])
  // The order of a restored slot is still known: older news does not shorten it.
  const older = { slot: ordered, order: 'zero', orderCreatedMs: orderCreatedMs - 1, deadlineMs: undefined }
  expect(await holdSlot(virtual.line, sale.id, older)).toEqual({ kind: 'kept' })
})

it.each(['total', 'partial'] as const)(
  'after a %s loss a served place never counts again, however late its ticket is shown, and an unserved one always does',
  async (loss) => {
    const sale = await virtual.openSale({ admitPerSecond: 10, maxActive: 100, admissionTtlSeconds: 60 })
    const names = ['finished', 'expired', 'leaver', 'absent', 'waiting', 'sleeper']
    await virtual.joinMany(sale.id, names)
    const place = (buyer: string) => names.indexOf(buyer) + 1
    const present = (...buyers: string[]) =>
      notePresence(
        virtual.line,
        sale.id,
        buyers.map((buyer) => ({ buyer, place: 0, presentMs: 30 * SECOND_MS })),
      )
    await leaveAll(virtual.line, sale.id, [{ buyer: 'leaver', claimedPlace: 0 }])
    await virtual.redis.zrem(lineKeys(sale.id).presentUntil, 'absent', 'waiting', 'sleeper')
    const [first] = await admitAll(sale, 2)
    await returnSlots(virtual.line, sale.id, { slots: [first?.slot ?? ''], reason: 'finished' })
    // All others are absent and set aside; only two of them return in time.
    for (let step = 0; step < 300; step += 1) {
      virtual.clock.advance(100)
      await lost.tick(sale)
    }
    expect(await virtual.redis.zcard(lineKeys(sale.id).absent)).toBe(3)
    await virtual.redis.hset(lineKeys(sale.id).sale, 'state', 'paused')
    await present('waiting', 'sleeper')
    virtual.clock.advance(601 * SECOND_MS)
    await lost.tick(sale)
    await returnSlots(virtual.line, sale.id, { reason: 'expired' })
    // The slots are forgotten an hour after their end.
    virtual.clock.advance(2 * HOUR_MS)
    await returnSlots(virtual.line, sale.id, { reason: 'expired' })
    await archiveAll(sale.id)

    for (let round = 0; round < 3; round += 1) {
      await lose(sale, loss)
      virtual.clock.advance(round * 5 * HOUR_MS)
      expect(await standing(sale, 'finished', place('finished'))).toBe('finished')
      expect(await standing(sale, 'expired', place('expired'))).toBe('finished')
      for (const gone of ['leaver', 'absent']) expect(await standing(sale, gone, place(gone))).toMatch(/left|finished/)
      await present('finished', 'expired', 'leaver', 'absent')
      await notePresence(
        virtual.line,
        sale.id,
        names.slice(0, 4).map((buyer) => ({ buyer, place: place(buyer), presentMs: 1_000 })),
      )
      const waiting = (await inLine(sale)).filter((buyer) => place(buyer) <= 4 && place(buyer) > 0)
      expect(waiting).toEqual([])
      expect(await standing(sale, 'waiting', place('waiting'))).toBe('waiting')
    }
    virtual.clock.advance(20 * HOUR_MS)
    expect(await standing(sale, 'sleeper', place('sleeper'))).toBe('waiting')
    const again = await joinLine(virtual.line, sale.id, { buyer: 'finished', claimedPlace: place('finished') })
    expect(again).toMatchObject({ kind: 'joined' })
    expect('place' in again ? again.place : 0).toBeGreaterThan(names.length)
  },
)

it('a buyer in the line that Redis kept is removed when the archive has its place as served', async () => {
  const sale = await virtual.openSale({ admitPerSecond: 10 })
  await virtual.joinAndStay(sale.id, ['ann', 'ben'])
  virtual.clock.advance(100)
  const keys = lineKeys(sale.id)
  await virtual.redis.copy(keys.line, `${keys.line}:kept`)
  await admitAll(sale, 1)
  await archiveAll(sale.id)
  await virtual.redis.del(...[keys.active, keys.slots, keys.slotOf, keys.served, keys.line, keys.log])
  await virtual.redis.rename(`${keys.line}:kept`, keys.line)
  await virtual.redis.hset(keys.sale, 'run', 'another')
  await recover(sale)
  expect(await inLine(sale)).toEqual(['ben'])
  expect(await standing(sale, 'ann', 1)).toBe('admitted')
  // Later events are archived too, although the log began again.
  await leaveAll(virtual.line, sale.id, [{ buyer: 'ben', claimedPlace: 2 }])
  await archiveAll(sale.id)
  await lose(sale, 'total')
  expect(await standing(sale, 'ben', 2)).toMatch(/left|finished/)
})

it('a loss while a sale is closed costs no buyer the place: it counts again once the sale is reopened', async () => {
  const sale = await virtual.openSale({ admitPerSecond: 1, maxActive: 1 })
  await virtual.joinAndStay(sale.id, ['ann', 'ben', 'cat'])
  await admitAll(sale, 1)
  await leaveAll(virtual.line, sale.id, [{ buyer: 'cat', claimedPlace: 3 }])
  await archiveAll(sale.id)
  const closed: Sale = { ...sale, state: 'closed', version: 2 }
  await projectSale(virtual.line, closed, { act: 'close', isNew: false })
  await lose(closed, 'total')
  // A buyer who waits in a closed sale has the status closed.
  expect(await standing(sale, 'ben', 2)).toBe('waiting')
  expect(await standing(sale, 'cat', 3)).toBe('finished')
  expect(await inLine(sale)).toEqual([])
  await projectSale(virtual.line, { ...sale, state: 'paused', version: 3 }, { act: 'reopen', isNew: false })
  expect(await standing(sale, 'ben', 2)).toBe('waiting')
  expect(await inLine(sale)).toEqual(['ben'])
})

it('an unclaimed slot gives its buyer the place back, after a loss too', async () => {
  const sale = await virtual.openSale({ admitPerSecond: 10, claimSeconds: 10 })
  await virtual.joinAndStay(sale.id, ['ann'])
  await admitAll(sale, 1)
  virtual.clock.advance(11 * SECOND_MS)
  expect(await returnSlots(virtual.line, sale.id, { reason: 'unclaimed' })).toHaveLength(1)
  await archiveAll(sale.id)
  await lose(sale, 'total')
  expect(await standing(sale, 'ann', 1)).toBe('waiting')
})

it('a log that was archived before summaries existed is summarised by the recovery', async () => {
  const sale = await virtual.openSale({ admitPerSecond: 10 })
  await virtual.joinAndStay(sale.id, ['ann', 'ben'])
  await admitAll(sale, 1)
  const records = await readStream(virtual.line, sale.id, { after: '0-0', limit: 100 })
  await withTransaction(pool, (client) => insertArchived(client, sale.id, records))
  await lose(sale, 'total')
  expect(await standing(sale, 'ann', 1)).toBe('admitted')
  expect(await standing(sale, 'ben', 2)).toBe('waiting')
})

it('several processes recover a sale once, and leaving is rejected until then', async () => {
  const sale = await virtual.openSale({})
  await virtual.joinAndStay(sale.id, ['ann'])
  await virtual.redis.del(...Object.values(lineKeys(sale.id)))
  await projectSale(virtual.line, sale, { act: 'restored', isNew: false })
  expect(await leaveAll(virtual.line, sale.id, [{ buyer: 'ann', claimedPlace: 1 }])).toEqual([{ kind: 'lost' }])
  await Promise.all(Array.from({ length: 4 }, () => recover(sale)))
  const records = await readStream(virtual.line, sale.id, { after: '0-0', limit: 100 })
  expect(records.filter(({ kind }) => kind === 'recovered')).toHaveLength(1)
  // A ticket that was not shown since the loss can be given up all the same.
  expect(await leaveAll(virtual.line, sale.id, [{ buyer: 'ann', claimedPlace: 1 }])).toEqual([{ kind: 'left' }])
  expect(await standing(sale, 'ann', 1)).toBe('left')
})

it('a log that was cut before it was archived costs neither slots nor served places nor counts', async () => {
  const sale = await virtual.openSale({ admitPerSecond: 1_000, maxActive: 1_000 })
  const names = Array.from({ length: 300 }, (_, index) => `b${index}`)
  await virtual.joinAndStay(sale.id, names)
  const admitted = await admitAll(sale, 200)
  const [first] = admitted
  await returnSlots(virtual.line, sale.id, { slots: [first?.slot ?? ''], reason: 'finished' })
  await leaveAll(virtual.line, sale.id, [{ buyer: names.at(-1) ?? '', claimedPlace: 300 }])
  const { log: key, sale: hash, active } = lineKeys(sale.id)
  const length = await virtual.redis.xlen(key)
  expect(await cutLog(virtual.line, sale.id, { entriesMax: length, archivedTo: '0-0' })).toBe(0)
  expect(await cutLog(virtual.line, sale.id, { entriesMax: 50, archivedTo: '0-0' })).toBe(length - 45)
  expect(await virtual.redis.xlen(key)).toBe(46)
  const counts = () => virtual.redis.hmget(hash, 'joined', 'admitted', 'returned')
  const [open, before] = [await virtual.redis.zrange(active, '0', '-1', 'WITHSCORES'), await counts()]
  await archiveAll(sale.id)
  await lose(sale, 'total')
  expect(await virtual.redis.zrange(active, '0', '-1', 'WITHSCORES')).toEqual(open)
  expect(await counts()).toEqual(before)
  expect(await standing(sale, first?.buyer ?? '', 1)).toBe('finished')
  expect(await standing(sale, names.at(-1) ?? '', 300)).toMatch(/left|finished/)
  expect(await standing(sale, names[250] ?? '', 251)).toBe('waiting')
})

it('after a cut, places that wait again count again, and joins are counted once', async () => {
  const sale = await virtual.openSale({ admitPerSecond: 10, claimSeconds: 10 })
  await virtual.joinAndStay(sale.id, ['ann', 'ben', 'cat'])
  const [ann, ben] = await admitAll(sale, 2)
  await archiveAll(sale.id)
  virtual.clock.advance(11 * SECOND_MS)
  // Two slots were not claimed: one buyer is set aside, one has returned. Neither return is ever archived.
  expect(await returnSlots(virtual.line, sale.id, { reason: 'unclaimed' })).toHaveLength(2)
  expect(await standing(sale, 'ben', ben?.place ?? 0)).toBe('waiting')
  await virtual.joinMany(sale.id, ['dan', 'eve'])
  expect(await cutLog(virtual.line, sale.id, { entriesMax: 1, archivedTo: '0-0' })).toBeGreaterThan(0)
  await archiveAll(sale.id)
  const [chunk] = await readServed(pool, sale.id, { after: -1, limit: 1 })
  expect(chunk?.bytes[0]).toBe(0)
  // The tick records the joins since the last one.
  virtual.clock.advance(100)
  await lost.tick(sale)
  await archiveAll(sale.id)
  const counts = await virtual.redis.hmget(lineKeys(sale.id).sale, 'joined', 'admitted', 'returned')
  const { joined, admitted, returned } = await readLineTotals(pool, sale.id)
  expect([joined, admitted, returned].map(String)).toEqual(counts)
  await lose(sale, 'total')
  expect(await standing(sale, 'ann', ann?.place ?? 0)).toBe('waiting')
})
