import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lineKeys } from '../redis/keys.ts'
import type { Sale } from '../sales/sale.ts'
import { returnSlots } from '../slots/return-slot.ts'
import { absentBuyers, HOUR_MS, named } from '../testing/absent-buyers.ts'
import { joinLine, leaveLine, readBuyerState } from '../testing/one-buyer.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'

let virtual: VirtualLine
beforeAll(async () => {
  virtual = await connectVirtualLine()
})
afterAll(() => virtual.close())

const { tick, tickThrough, nextAdmitted, notePresent, matureLine, reconfigure } = absentBuyers(() => virtual)

describe('a returner', () => {
  const setAside = async (settings: Partial<Sale> = {}) => {
    const { sale, resume } = await matureLine({ admitPerSecond: 5, ...settings }, ['early', 'a', 'b', 'c'])
    await notePresent(sale, ['a', 'b', 'c'])
    await resume()
    expect(await nextAdmitted(sale)).toEqual(['a'])
    return sale
  }

  it('is admitted before every later place', async () => {
    const sale = await setAside()
    const standing = await readBuyerState(virtual.line, sale, { buyer: 'early', place: 1, presentMs: 5_000 })
    expect(standing).toMatchObject({ kind: 'waiting', place: 1, position: 1 })
    expect(await nextAdmitted(sale)).toEqual(['early'])
  })

  it.each([
    [600, 10],
    [10, 600],
  ])(
    'causes no false alarm after returnSeconds changed from %i to %i, while later ones still count',
    async (before, after) => {
      const { sale, resume } = await matureLine({ admitPerSecond: 5, returnSeconds: before }, ['early', 'a', 'b', 'c'])
      await notePresent(sale, ['a', 'b', 'c'])
      await resume()
      expect(await nextAdmitted(sale)).toEqual(['a'])
      const soon = async () => Number((await virtual.redis.hget(lineKeys(sale).sale, 'returnedSoon')) ?? 0)
      const returns = (buyer: string, place: number) =>
        readBuyerState(virtual.line, sale, { buyer, place, presentMs: 5_000 })
      // Set aside long ago, by the previous setting.
      virtual.clock.advance(Math.min(before, 60) * 1_000 - 2_000)
      await reconfigure(sale, { returnSeconds: after, maxActive: 1 })
      if (before > after) {
        expect(await returns('early', 1)).toMatchObject({ kind: 'waiting' })
        expect(await soon()).toBe(0)
      }
      // Set aside after the change, when no place is kept under the old setting any more.
      await tickThrough(sale, 1_000)
      virtual.clock.advance(before * 1_000)
      await virtual.redis.zadd(lineKeys(sale).absent, 2, 'late')
      await virtual.redis.zadd(lineKeys(sale).keptUntil, virtual.clock.now() + after * 1_000, 'late')
      virtual.clock.advance(1_000)
      await returns('late', 2)
      expect(await soon()).toBe(1)
    },
  )

  it('who joins again also keeps its place', async () => {
    const sale = await setAside()
    expect(await joinLine(virtual.line, sale, { buyer: 'early', claimedPlace: 0 })).toMatchObject({
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
    expect(await readBuyerState(virtual.line, sale, { buyer: 'early', place: 1, presentMs: 5_000 })).toMatchObject({
      kind,
    })
  })

  it('whose time is over is forgotten, and joins at the end', async () => {
    const sale = await setAside({ returnSeconds: 10, maxActive: 1 })
    await tickThrough(sale, 11_000)
    const keys = lineKeys(sale)
    expect([await virtual.redis.zcard(keys.absent), await virtual.redis.zcard(keys.keptUntil)]).toEqual([0, 0])
    expect(await joinLine(virtual.line, sale, { buyer: 'early', claimedPlace: 1 })).toMatchObject({
      kind: 'joined',
      place: 5,
    })
  })

  it('who becomes absent again keeps the first deadline', async () => {
    const sale = await setAside({ returnSeconds: 20, maxActive: 1 })
    const until = await virtual.redis.zscore(lineKeys(sale).keptUntil, 'early')
    await readBuyerState(virtual.line, sale, { buyer: 'early', place: 1, presentMs: 500 })
    await tickThrough(sale, 2_000)
    const slots = await virtual.redis.zrange(lineKeys(sale).active, '0', '-1')
    await returnSlots(virtual.line, sale, { slots, reason: 'finished' })
    expect(await nextAdmitted(sale)).toEqual(['b'])
    expect(await virtual.redis.zscore(lineKeys(sale).keptUntil, 'early')).toBe(until)
  })

  it('who leaves is removed everywhere', async () => {
    const sale = await setAside()
    await leaveLine(virtual.line, sale, 'early')
    expect(await virtual.redis.zscore(lineKeys(sale).keptUntil, 'early')).toBeNull()
    expect(await tickThrough(sale, 2_000)).toEqual(['b', 'c'])
  })

  it('that is set aside again while admitted keeps its deadline', async () => {
    const { sale, resume } = await matureLine({ admitPerSecond: 50 }, ['gone', 'back', 'here'])
    await notePresent(sale, ['here'])
    await resume()
    expect(await nextAdmitted(sale)).toEqual(['here'])
    await notePresent(sale, ['gone', 'back'], 50)
    await notePresent(sale, ['back'])
    expect(await nextAdmitted(sale)).toEqual(['back'])
    const { absent: away, keptUntil } = lineKeys(sale)
    expect(await virtual.redis.zrange(away, '0', '-1')).toEqual(['gone'])
    expect(await virtual.redis.zrange(keptUntil, '0', '-1')).toEqual(['gone'])
  })

  it('who does not claim its slot loses its place, so that absence has an end', async () => {
    const sale = await setAside({ claimSeconds: 20, admitPerSecond: 5 })
    await readBuyerState(virtual.line, sale, { buyer: 'early', place: 1, presentMs: 5_000 })
    expect(await nextAdmitted(sale)).toEqual(['early'])
    virtual.clock.advance(21_000)
    await returnSlots(virtual.line, sale, { reason: 'unclaimed' })
    expect(await readBuyerState(virtual.line, sale, { buyer: 'early', place: 1, presentMs: 5_000 })).toMatchObject({
      kind: 'over',
      ending: 'expired',
    })
  })

  it('of two thousand hoarded places leave half of every ten seconds to waiting buyers, with a true position', async () => {
    const hoarders = named('hoarder', 2_000)
    const honest = named('honest', 2_500)
    const { sale, resume } = await matureLine({ admitPerSecond: 10 }, [...hoarders, ...honest])
    await notePresent(sale, honest)
    await resume()
    expect(await tick(sale)).toMatchObject({ setAside: 2_000 })
    await notePresent(sale, hoarders)
    const before = await tickThrough(sale, 20_000)
    const standing = await readBuyerState(virtual.line, sale, { buyer: 'honest150', place: 2_151, presentMs: HOUR_MS })
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

  it('takes at most every second admission, also where slots set the pace', async () => {
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

  it('is admitted at the full rate when no buyer waits in line', async () => {
    const { sale, resume } = await matureLine({ admitPerSecond: 10 }, [...named('gone', 100), 'here'])
    await notePresent(sale, ['here'])
    await resume()
    await tick(sale)
    await notePresent(sale, named('gone', 100))
    expect(await tickThrough(sale, 5_000)).toHaveLength(50)
  })
})
