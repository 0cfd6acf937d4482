import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lineKeys } from '../redis/keys.ts'
import { projectSale } from '../sales/project-sale.ts'
import { returnSlots } from '../slots/return-slot.ts'
import { POLL_MS_MAX } from '../snapshot/poll-policy.ts'
import { absentBuyers, HOUR_MS, MATURE_MS, named } from '../testing/absent-buyers.ts'
import { joinLine, readBuyerState } from '../testing/one-buyer.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'

let virtual: VirtualLine
beforeAll(async () => {
  virtual = await connectVirtualLine()
})
afterAll(() => virtual.close())

const { tick, tickThrough, nextAdmitted, notePresent, pausedLine, matureLine } = absentBuyers(() => virtual)

describe('an absent buyer', () => {
  it('holds the line until its place is mature, and is then set aside', async () => {
    const { sale, resume } = await pausedLine({ admitPerSecond: 5 }, ['absent', 'here', 'next'])
    await notePresent(sale, ['here', 'next'])
    await resume()
    expect(await tickThrough(sale, 700)).toEqual([])
    expect(await tickThrough(sale, 3_000)).toEqual(['here', 'next'])
    expect(await virtual.redis.zrange(lineKeys(sale).absent, '0', '-1')).toEqual(['absent'])
  })

  it('who reports before its place is mature is admitted first', async () => {
    const { sale, resume } = await pausedLine({ admitPerSecond: 5 }, ['late', 'here'])
    await notePresent(sale, ['here'])
    await resume()
    expect(await tickThrough(sale, 500)).toEqual([])
    expect(await readBuyerState(virtual.line, sale, { buyer: 'late', place: 1, presentMs: 5_000 })).toMatchObject({
      kind: 'waiting',
      position: 1,
    })
    expect(await tickThrough(sale, 1_000)).toEqual(['late', 'here'])
  })

  it('who joins again, in the line, is not set aside before its longest poll interval has passed', async () => {
    const { sale, resume } = await matureLine({ admitPerSecond: 5 }, ['again', 'here'])
    await notePresent(sale, ['here'])
    await joinLine(virtual.line, sale, { buyer: 'again', claimedPlace: 0 })
    await tickThrough(sale, POLL_MS_MAX + 1_000)
    await resume()
    expect(await tickThrough(sale, 500)).toEqual(['again', 'here'])
  })

  it('nor is a returner who joins again', async () => {
    const { sale, resume } = await matureLine({ admitPerSecond: 1, maxActive: 1 }, ['again', 'here', 'next'])
    await notePresent(sale, ['here', 'next'])
    await resume()
    expect(await nextAdmitted(sale)).toEqual(['here'])
    await joinLine(virtual.line, sale, { buyer: 'again', claimedPlace: 0 })
    await tickThrough(sale, POLL_MS_MAX + 1_000)
    const slots = await virtual.redis.zrange(lineKeys(sale).active, '0', '-1')
    await returnSlots(virtual.line, sale, { slots, reason: 'finished' })
    expect(await nextAdmitted(sale)).toEqual(['again'])
  })

  it('is never admitted, however long the line waits', async () => {
    const { sale, resume } = await pausedLine({ admitPerSecond: 50 }, ['absent'])
    await resume()
    expect(await tickThrough(sale, 60_000)).toEqual([])
  })

  it('gets its full time again after a silence in which no buyer could report', async () => {
    const { sale, resume } = await matureLine({ admitPerSecond: 5 }, ['here', 'there'])
    await resume()
    virtual.clock.advance(10_000)
    expect(await tickThrough(sale, 10_000)).toEqual([])
    await notePresent(sale, ['here', 'there'])
    expect(await tickThrough(sale, 1_000)).toEqual(['here', 'there'])
  })

  it('does not stop the line for longer than a short silence and a retry take', async () => {
    const { sale, resume } = await matureLine({ admitPerSecond: 5 }, ['lapsing', 'here'])
    await notePresent(sale, ['here'])
    await notePresent(sale, ['lapsing'], 1_000)
    await resume()
    virtual.clock.advance(2_500)
    expect(await tickThrough(sale, 7_000)).toEqual([])
    expect(await tickThrough(sale, 2_000)).toEqual(['here'])
  })

  it('who was absent before a silence does not stop the line after it', async () => {
    const { sale, resume } = await matureLine({ admitPerSecond: 5 }, ['absent', 'here'])
    await notePresent(sale, ['here'])
    await resume()
    virtual.clock.advance(2_500)
    expect(await tickThrough(sale, 500)).toEqual(['here'])
  })

  it('gets its full time again after a silence before the sale resumes, and after it was closed', async () => {
    const silent = await matureLine({ admitPerSecond: 5 }, ['here'])
    virtual.clock.advance(60_000)
    await silent.resume()
    expect(await tickThrough(silent.sale, 5_000)).toEqual([])
    expect(await virtual.redis.zcard(lineKeys(silent.sale).absent)).toBe(0)
    const sale = await virtual.openSale({ admitPerSecond: 5 })
    await virtual.joinMany(sale.id, ['there'])
    await projectSale(virtual.line, { ...sale, state: 'closed', version: 2 }, { act: 'close', isNew: false })
    await tickThrough(sale.id, 30_000)
    await projectSale(virtual.line, { ...sale, state: 'open', version: 3 }, { act: 'reopen', isNew: false })
    expect(await tickThrough(sale.id, 10_000)).toEqual([])
    expect(await virtual.redis.zcard(lineKeys(sale.id).absent)).toBe(0)
  })

  it('who joined a short line and left holds it for at most 8 s', async () => {
    const sale = await virtual.openSale({ admitPerSecond: 1, maxActive: 1 })
    await virtual.joinMany(sale.id, ['first', 'gone', 'here'])
    await tickThrough(sale.id, 7_500)
    await notePresent(sale.id, ['here'])
    await returnSlots(virtual.line, sale.id, {
      slots: await virtual.redis.zrange(lineKeys(sale.id).active, '0', '-1'),
      reason: 'finished',
    })
    expect(await tickThrough(sale.id, 3_000)).toEqual(['here'])
  })

  it('does not hold a line longer because the sale was at rest before it joined', async () => {
    const sale = await virtual.openSale({ admitPerSecond: 1, maxActive: 1 })
    await virtual.joinMany(sale.id, ['first'])
    expect(await tickThrough(sale.id, 1_500)).toEqual(['first'])
    virtual.clock.advance(50_000)
    await virtual.joinMany(sale.id, ['gone', 'here'])
    await tickThrough(sale.id, 7_500)
    await notePresent(sale.id, ['here'])
    await returnSlots(virtual.line, sale.id, {
      slots: await virtual.redis.zrange(lineKeys(sale.id).active, '0', '-1'),
      reason: 'finished',
    })
    expect(await tickThrough(sale.id, 3_000)).toEqual(['here'])
  })

  it('loses no slot because of a claim that it could not make during a silence', async () => {
    const sale = await virtual.openSale({ admitPerSecond: 5, maxActive: 1, claimSeconds: 20 })
    await virtual.joinAndStay(sale.id, ['ann', 'ben'])
    expect(await tickThrough(sale.id, 500)).toEqual(['ann'])
    virtual.clock.advance(25_000)
    expect((await tick(sale.id)).unclaimed).toBe(0)
    await tickThrough(sale.id, MATURE_MS)
    expect((await tick(sale.id)).unclaimed).toBe(1)
  })
})

it('a clock that is set back makes no buyer wait longer than a window takes to mature, and sets none aside', async () => {
  const { sale, resume } = await matureLine({ admitPerSecond: 5 }, ['absent', 'here'])
  await notePresent(sale, ['here'], 3 * HOUR_MS)
  await resume()
  const { edges = '' } = await virtual.redis.hgetall(lineKeys(sale).sale)
  const ahead = edges.split(' ').map((part, index) => (index % 2 === 0 ? Number(part) + HOUR_MS : part))
  await virtual.redis.hset(lineKeys(sale).sale, { edges: ahead.join(' '), stamp: virtual.clock.now() + HOUR_MS })
  await tick(sale)
  await notePresent(sale, ['here'])
  expect(await tickThrough(sale, MATURE_MS - 1_000)).toEqual([])
  expect(await tickThrough(sale, 3_000)).toEqual(['here'])
})

it('a clock that is set back does not make absent buyers present', async () => {
  const { sale, resume } = await matureLine({ admitPerSecond: 50 }, named('gone', 20))
  await notePresent(sale, named('gone', 20), 2_000)
  await tickThrough(sale, 3_000)
  await resume()
  await virtual.redis.hset(lineKeys(sale).sale, { stamp: virtual.clock.now() + HOUR_MS })
  const ahead = named('gone', 20).flatMap((buyer) => [virtual.clock.now() + HOUR_MS - 1_000, buyer])
  await virtual.redis.zadd(lineKeys(sale).presentUntil, ...ahead)
  expect(await tickThrough(sale, 5_000)).toEqual([])
})

it('a long stretch of absent buyers is passed within a second, at two thousand places a tick', async () => {
  const { sale, resume } = await matureLine({ admitPerSecond: 50 }, [...named('gone', 2_500), 'here', 'behind', 'last'])
  await notePresent(sale, ['here'])
  await resume()
  expect(await tick(sale)).toMatchObject({ setAside: 2_000, admitted: [] })
  await notePresent(sale, ['behind', 'last'])
  expect(await tick(sale)).toMatchObject({ setAside: 500 })
  const keys = lineKeys(sale)
  expect(await virtual.redis.zcard(keys.absent)).toBe(2_500)
  expect(await virtual.redis.zcard(keys.line)).toBe(0)
})
