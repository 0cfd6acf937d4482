import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { notePresence } from '../line/presence.ts'
import { lineKeys } from '../redis/keys.ts'
import { recoverSale } from '../sales/recover-sale.ts'
import { returnSlots } from '../slots/return-slot.ts'
import { emptyArchive } from '../testing/empty-archive.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'
import { admit } from './admit.ts'

const HOUR_MS = 3_600_000
const log = silentLogger
const noArchive = emptyArchive()
let virtual: VirtualLine
beforeAll(async () => {
  virtual = await connectVirtualLine()
})
afterAll(() => virtual.close())

const buyers = Array.from({ length: 100 }, (_, index) => `b${index}`)
const present = (sale: string) =>
  notePresence(
    virtual.line,
    sale,
    buyers.map((buyer) => ({ buyer, place: 0, presentMs: 30_000 })),
  )
/** Ticks like a process, every 100 ms, and returns overdue slots. Returns the admitted buyers. */
async function tickFor(sale: string, seconds: number) {
  const admitted: string[] = []
  for (let step = 0; step < seconds * 10; step += 1) {
    virtual.clock.advance(100)
    if (step % 50 === 0) await present(sale)
    const tick = await admit(virtual.line, sale, 'kid')
    if (tick.kind !== 'ok') throw new Error(tick.kind)
    admitted.push(...tick.admitted.map(({ buyer }) => buyer))
    if (tick.overdue > 0) await returnSlots(virtual.line, sale, { reason: 'expired' })
  }
  return admitted
}

it.each([0, 100])('a clock set back during a recovery does not prolong it, with %d ms between', async (passedMs) => {
  const sale = await virtual.openSale({ admitPerSecond: 10 })
  await virtual.joinMany(sale.id, buyers)
  await admit(virtual.line, sale.id, 'kid')
  await virtual.redis.hset(lineKeys(sale.id).sale, 'run', 'another')
  const recover = () =>
    recoverSale({ line: virtual.line, pool: noArchive, log, sale: sale.id, highestPlaceSeen: 0, recoveryMs: 30_000 })
  if (passedMs > 0) await recover()
  virtual.clock.advance(passedMs)
  virtual.clock.setBack(HOUR_MS)
  if (passedMs === 0) await recover()
  expect(await tickFor(sale.id, 29)).toEqual([])
  expect((await tickFor(sale.id, 10)).length).toBeGreaterThan(80)
})

it('a clock set back prolongs no slot and no presence', async () => {
  const sale = await virtual.openSale({ admitPerSecond: 100, maxActive: 10, admissionTtlSeconds: 20 })
  await virtual.joinMany(sale.id, buyers)
  await present(sale.id)
  expect(await tickFor(sale.id, 1)).toHaveLength(10)
  const [ordered = ''] = await virtual.redis.zrange(lineKeys(sale.id).active, '0', '0')
  await virtual.redis.zadd(lineKeys(sale.id).active, virtual.clock.now() + 600_000, ordered)
  virtual.clock.setBack(HOUR_MS)
  await admit(virtual.line, sale.id, 'kid')
  expect(await virtual.redis.zcount(lineKeys(sale.id).presentUntil, virtual.clock.now() + 62_001, '+inf')).toBe(0)
  // Nine slots return within their own length; an order holds the tenth.
  expect(await tickFor(sale.id, 22)).toHaveLength(9)
  expect(await virtual.redis.zscore(lineKeys(sale.id).active, ordered)).not.toBeNull()
})
