import { afterAll, beforeAll, expect, it } from 'vitest'
import { lineKeys } from '../redis/keys.ts'
import type { CachedSale, SaleCache } from '../sales/sale-cache.ts'
import { readSnapshot } from '../snapshot/snapshot.ts'
import { named } from '../testing/absent-buyers.ts'
import { joinLine, readBuyerState } from '../testing/one-buyer.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'
import { createStatusReader } from './read-status.ts'

const WAITING = 300
const RETURNERS = 100

let virtual: VirtualLine
beforeAll(async () => {
  virtual = await connectVirtualLine()
})
afterAll(() => virtual.close())

it('a buyer overtaken by returners sees its true position, and their number', async () => {
  const { id } = await virtual.openSale({ admitPerSecond: 1 })
  await virtual.joinMany(id, named('b', WAITING - 1))
  await joinLine(virtual.line, id, { buyer: 'last', claimedPlace: 0 })
  const status = createStatusReader({
    line: virtual.line,
    sales: {} as SaleCache,
    signAdmission: () => expect.unreachable(),
    revocations: { rejectNow: () => undefined },
    presence: { note: () => undefined, flush: async () => undefined, stop: async () => undefined },
  })
  const read = async () => {
    const snapshot = await readSnapshot(virtual.line, id)
    if (snapshot === undefined) throw new Error('the sale does not exist')
    const sale: CachedSale = { id, snapshot, readAtMs: performance.now(), requestedAtMs: 0 }
    const holder = { sale: id, buyer: 'last', place: WAITING }
    // The head of the line, read from Redis, agrees with the rest, read from the snapshot.
    const told = status.fromSnapshot(sale, holder)
    expect(await status.fromRedis(sale, holder)).toMatchObject({ position: told?.position })
    return told
  }
  expect(await read()).toMatchObject({ state: 'waiting', position: WAITING, returners: 0 })

  // These buyers were set aside before, and return.
  const { absent: away, keptUntil } = lineKeys(id)
  const absent = named('r', RETURNERS)
  await virtual.redis.zadd(away, ...absent.flatMap((buyer, index) => [(index + 1) / 1_000, buyer]))
  await virtual.redis.zadd(keptUntil, ...absent.flatMap((buyer) => [virtual.clock.now() + 600_000, buyer]))
  for (const buyer of absent) await readBuyerState(virtual.line, id, { buyer, place: 1, presentMs: 5_000 })
  const { position } = (await readBuyerState(virtual.line, id, { buyer: 'last', place: WAITING, presentMs: 0 })) as {
    position: number
  }
  expect(position).toBe(WAITING + RETURNERS)
  expect(await read()).toMatchObject({ state: 'waiting', position, returners: RETURNERS })

  // As they are admitted, it improves again.
  await virtual.redis.zremrangebyrank(lineKeys(id).returning, 0, RETURNERS / 2 - 1)
  expect(await read()).toMatchObject({ position: WAITING + RETURNERS / 2, returners: RETURNERS / 2 })
})
