import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admit, returnSlots } from '../admission/admission-scripts.ts'
import { projectSale } from '../sales/project-sale.ts'
import type { Sale } from '../sales/sale.ts'
import { joinLine, leaveLine, readStanding } from '../testing/one-buyer.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'
import { lineKeys } from './keys.ts'
import { notePresence } from './line-scripts.ts'

let virtual: VirtualLine
beforeAll(async () => {
  virtual = await connectVirtualLine()
})
afterAll(() => virtual.close())

const HOUR_MS = 3_600_000
const MATURE_MS = 17_000

const tick = async (sale: string) => {
  virtual.clock.advance(100)
  const result = await admit(virtual.line, sale, 'kid')
  if (result.kind !== 'ok') throw new Error(result.kind)
  return result
}
const tickThrough = async (sale: string, ms: number) => {
  const admitted: string[] = []
  for (let passed = 0; passed < ms; passed += 100)
    admitted.push(...(await tick(sale)).admitted.map(({ buyer }) => buyer))
  return admitted
}
/** Ticks until somebody is admitted. */
const nextAdmitted = async (sale: string) => {
  for (let ticks = 0; ticks < 100; ticks += 1) {
    const { admitted } = await tick(sale)
    if (admitted.length > 0) return admitted.map(({ buyer }) => buyer)
  }
  return []
}
const notePresent = (sale: string, buyers: readonly string[], presentMs = HOUR_MS) =>
  notePresence(
    virtual.line,
    sale,
    buyers.map((buyer) => ({ buyer, place: 0, presentMs })),
  )
const named = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}${index}`)

/** A line whose buyers joined during a pause, longer ago than a join counts as a report. */
const pausedLine = async (settings: Partial<Sale>, buyers: readonly string[]) => {
  const sale = await virtual.openSale({ ...settings, state: 'paused' })
  await virtual.joinMany(sale.id, buyers)
  await tickThrough(sale.id, 7_100)
  return {
    sale: sale.id,
    resume: () => projectSale(virtual.line, { ...sale, state: 'open', version: 2 }, { act: 'resume', isNew: false }),
  }
}
/** The same when every place is mature. */
const matureLine = async (settings: Partial<Sale>, buyers: readonly string[]) => {
  const line = await pausedLine(settings, buyers)
  await tickThrough(line.sale, 3 * MATURE_MS)
  return line
}

describe('an absent buyer', () => {
  it('holds the line until its place is mature, and is set aside then', async () => {
    const { sale, resume } = await pausedLine({ admitPerSecond: 5 }, ['absent', 'here', 'next'])
    await notePresent(sale, ['here', 'next'])
    await resume()
    expect(await tickThrough(sale, 700)).toEqual([])
    expect(await tickThrough(sale, 3_000)).toEqual(['here', 'next'])
    expect(await virtual.redis.zrange(lineKeys(sale).away, '0', '-1')).toEqual(['absent'])
  })

  it('who reports before its place is mature is admitted first', async () => {
    const { sale, resume } = await pausedLine({ admitPerSecond: 5 }, ['late', 'here'])
    await notePresent(sale, ['here'])
    await resume()
    expect(await tickThrough(sale, 500)).toEqual([])
    expect(await readStanding(virtual.line, sale, { buyer: 'late', place: 1, presentMs: 5_000 })).toMatchObject({
      kind: 'waiting',
      position: 1,
    })
    expect(await tickThrough(sale, 1_000)).toEqual(['late', 'here'])
  })

  it('is never admitted, however long the line stands', async () => {
    const { sale, resume } = await pausedLine({ admitPerSecond: 50 }, ['absent'])
    await resume()
    expect(await tickThrough(sale, 60_000)).toEqual([])
  })

  it('gets its time again after a silence in which nobody could report', async () => {
    const { sale, resume } = await matureLine({ admitPerSecond: 5 }, ['here', 'there'])
    await resume()
    virtual.clock.advance(10_000)
    expect(await tickThrough(sale, 10_000)).toEqual([])
    await notePresent(sale, ['here', 'there'])
    expect(await tickThrough(sale, 1_000)).toEqual(['here', 'there'])
  })

  it('does not stop the line for longer than a short silence and a try took', async () => {
    const { sale, resume } = await matureLine({ admitPerSecond: 5 }, ['absent', 'here'])
    await notePresent(sale, ['here'])
    await resume()
    virtual.clock.advance(2_500)
    expect(await tickThrough(sale, 7_000)).toEqual([])
    expect(await tickThrough(sale, 2_000)).toEqual(['here'])
  })

  it('gets its time again after a silence before the sale resumes, and after it was closed', async () => {
    const silent = await matureLine({ admitPerSecond: 5 }, ['here'])
    virtual.clock.advance(60_000)
    await silent.resume()
    expect(await tickThrough(silent.sale, 5_000)).toEqual([])
    expect(await virtual.redis.zcard(lineKeys(silent.sale).away)).toBe(0)
    const sale = await virtual.openSale({ admitPerSecond: 5 })
    await virtual.joinMany(sale.id, ['there'])
    await projectSale(virtual.line, { ...sale, state: 'closed', version: 2 }, { act: 'close', isNew: false })
    await tickThrough(sale.id, 30_000)
    await projectSale(virtual.line, { ...sale, state: 'open', version: 3 }, { act: 'reopen', isNew: false })
    expect(await tickThrough(sale.id, 10_000)).toEqual([])
    expect(await virtual.redis.zcard(lineKeys(sale.id).away)).toBe(0)
  })

  it('who joined a short line and went holds it for 8 s at most', async () => {
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
})

it('a clock that is set back makes nobody wait longer than a window matures, and sets nobody aside', async () => {
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

it('a clock that is set back makes nobody present who is not', async () => {
  const { sale, resume } = await matureLine({ admitPerSecond: 50 }, named('gone', 20))
  await notePresent(sale, named('gone', 20), 2_000)
  await tickThrough(sale, 3_000)
  await resume()
  await virtual.redis.hset(lineKeys(sale).sale, { stamp: virtual.clock.now() + HOUR_MS })
  const ahead = named('gone', 20).flatMap((buyer) => [virtual.clock.now() + HOUR_MS - 1_000, buyer])
  await virtual.redis.zadd(lineKeys(sale).seen, ...ahead)
  expect(await tickThrough(sale, 5_000)).toEqual([])
})

it('a long stretch of absent buyers is passed within a second, two thousand places a tick', async () => {
  const { sale, resume } = await matureLine({ admitPerSecond: 50 }, [...named('gone', 2_500), 'here', 'behind', 'last'])
  await notePresent(sale, ['here'])
  await resume()
  expect(await tick(sale)).toMatchObject({ setAside: 2_000, admitted: [] })
  await notePresent(sale, ['behind', 'last'])
  expect(await tick(sale)).toMatchObject({ setAside: 500 })
  const keys = lineKeys(sale)
  expect(await virtual.redis.zcard(keys.away)).toBe(2_500)
  expect(await virtual.redis.zcard(keys.line)).toBe(0)
})

describe('a returner', () => {
  const setAside = async (settings: Partial<Sale> = {}) => {
    const { sale, resume } = await matureLine({ admitPerSecond: 5, ...settings }, ['early', 'a', 'b', 'c'])
    await notePresent(sale, ['a', 'b', 'c'])
    await resume()
    expect(await nextAdmitted(sale)).toEqual(['a'])
    return sale
  }

  it('goes in before every later place', async () => {
    const sale = await setAside()
    const standing = await readStanding(virtual.line, sale, { buyer: 'early', place: 1, presentMs: 5_000 })
    expect(standing).toMatchObject({ kind: 'waiting', place: 1, position: 1 })
    expect(await nextAdmitted(sale)).toEqual(['early'])
  })

  it('by joining again keeps its place, too', async () => {
    const sale = await setAside()
    expect(await joinLine(virtual.line, sale, { buyer: 'early', shownPlace: 0 })).toMatchObject({
      kind: 'known',
      place: 1,
      position: 1,
    })
    expect(await nextAdmitted(sale)).toEqual(['early'])
  })

  it.each([
    [9_900, 'waiting'],
    [10_100, 'over'],
  ])('has returnSeconds: after %i ms of ten seconds it is %s', async (afterMs, kind) => {
    const sale = await setAside({ returnSeconds: 10, admitPerSecond: 0.1 })
    virtual.clock.advance(afterMs)
    expect(await readStanding(virtual.line, sale, { buyer: 'early', place: 1, presentMs: 5_000 })).toMatchObject({
      kind,
    })
  })

  it('whose time is over is forgotten, and joins at the end', async () => {
    const sale = await setAside({ returnSeconds: 10, maxActive: 1 })
    await tickThrough(sale, 11_000)
    const keys = lineKeys(sale)
    expect([await virtual.redis.zcard(keys.away), await virtual.redis.zcard(keys.keptUntil)]).toEqual([0, 0])
    expect(await joinLine(virtual.line, sale, { buyer: 'early', shownPlace: 1 })).toMatchObject({
      kind: 'joined',
      place: 5,
    })
  })

  it('who is absent again keeps the first deadline', async () => {
    const sale = await setAside({ returnSeconds: 20, maxActive: 1 })
    const until = await virtual.redis.zscore(lineKeys(sale).keptUntil, 'early')
    await readStanding(virtual.line, sale, { buyer: 'early', place: 1, presentMs: 500 })
    await tickThrough(sale, 2_000)
    const slots = await virtual.redis.zrange(lineKeys(sale).active, '0', '-1')
    await returnSlots(virtual.line, sale, { slots, reason: 'finished' })
    expect(await nextAdmitted(sale)).toEqual(['b'])
    expect(await virtual.redis.zscore(lineKeys(sale).keptUntil, 'early')).toBe(until)
  })

  it('who leaves is gone from everywhere', async () => {
    const sale = await setAside()
    await leaveLine(virtual.line, sale, 'early')
    expect(await virtual.redis.zscore(lineKeys(sale).keptUntil, 'early')).toBeNull()
    expect(await tickThrough(sale, 2_000)).toEqual(['b', 'c'])
  })

  it('keeps its time when it is set aside beside one who is admitted', async () => {
    const { sale, resume } = await matureLine({ admitPerSecond: 50 }, ['gone', 'back', 'here'])
    await notePresent(sale, ['here'])
    await resume()
    expect(await nextAdmitted(sale)).toEqual(['here'])
    await notePresent(sale, ['gone', 'back'], 50)
    await notePresent(sale, ['back'])
    expect(await nextAdmitted(sale)).toEqual(['back'])
    const { away, keptUntil } = lineKeys(sale)
    expect(await virtual.redis.zrange(away, '0', '-1')).toEqual(['gone'])
    expect(await virtual.redis.zrange(keptUntil, '0', '-1')).toEqual(['gone'])
  })

  it('who does not claim its slot has lost its place: absence cannot go on for ever', async () => {
    const sale = await setAside({ claimSeconds: 20, admitPerSecond: 5 })
    await readStanding(virtual.line, sale, { buyer: 'early', place: 1, presentMs: 5_000 })
    expect(await nextAdmitted(sale)).toEqual(['early'])
    virtual.clock.advance(21_000)
    await returnSlots(virtual.line, sale, { reason: 'unclaimed' })
    expect(await readStanding(virtual.line, sale, { buyer: 'early', place: 1, presentMs: 5_000 })).toMatchObject({
      kind: 'over',
      ending: 'expired',
    })
  })

  it('of two thousand hoarded places leave half of every ten seconds to those who waited, and a true position', async () => {
    const hoarders = named('hoarder', 2_000)
    const honest = named('honest', 2_500)
    const { sale, resume } = await matureLine({ admitPerSecond: 10 }, [...hoarders, ...honest])
    await notePresent(sale, honest)
    await resume()
    expect(await tick(sale)).toMatchObject({ setAside: 2_000 })
    await notePresent(sale, hoarders)
    const before = await tickThrough(sale, 20_000)
    const standing = await readStanding(virtual.line, sale, { buyer: 'honest150', place: 2_151, presentMs: HOUR_MS })
    const position = standing.kind === 'waiting' ? standing.position : 0
    const after = await tickThrough(sale, 60_000)
    const all = [...before, ...after]
    for (let from = 0; from + 100 <= all.length; from += 1)
      expect(all.slice(from, from + 100).filter((buyer) => buyer.startsWith('honest')).length).toBeGreaterThanOrEqual(
        50,
      )
    expect(after.indexOf('honest150') + 1).toBeLessThanOrEqual(position)
    expect(after.indexOf('honest150') + 1).toBeGreaterThan(0.95 * position)
  })

  it('takes every second admission at most, also where slots set the pace', async () => {
    const { sale, resume } = await matureLine({ admitPerSecond: 10, maxActive: 1 }, [
      ...named('hoarder', 50),
      ...named('honest', 50),
    ])
    await notePresent(sale, named('honest', 50))
    await resume()
    await tick(sale)
    await notePresent(sale, named('hoarder', 50))
    const admitted: string[] = []
    while (admitted.length < 40) {
      const slots = await virtual.redis.zrange(lineKeys(sale).active, '0', '-1')
      await returnSlots(virtual.line, sale, { slots, reason: 'finished' })
      admitted.push(...(await tickThrough(sale, 500)))
    }
    const kinds = admitted.map((buyer) => buyer.startsWith('hoarder'))
    expect(kinds.some((kind, index) => kind && kinds[index + 1] === true)).toBe(false)
    expect(kinds.filter((kind) => kind).length).toBeGreaterThan(10)
  })

  it('goes in at the full rate when nobody waits in line', async () => {
    const { sale, resume } = await matureLine({ admitPerSecond: 10 }, [...named('gone', 100), 'here'])
    await notePresent(sale, ['here'])
    await resume()
    await tick(sale)
    await notePresent(sale, named('gone', 100))
    expect(await tickThrough(sale, 5_000)).toHaveLength(50)
  })
})
