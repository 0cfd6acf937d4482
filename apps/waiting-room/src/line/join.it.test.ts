import { createMicroBatcher } from '@floodgate/async'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { admit } from '../admission/admit.ts'
import { lineKeys } from '../redis/keys.ts'
import { projectSale } from '../sales/project-sale.ts'
import { joinLine, leaveLine } from '../testing/one-buyer.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'
import { JOINERS_MAX, type JoinOutcome, type JoinRequest, joinAll } from './join-all.ts'

let virtual: VirtualLine
beforeAll(async () => {
  virtual = await connectVirtualLine()
})
afterAll(() => virtual.close())

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const buyers = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: names.length })
const placeOf = (joined: JoinOutcome) => ('place' in joined ? joined : { kind: joined.kind, place: 0, position: 0 })

/** Builds the same history on a separate line: some buyers joined, some left, some were admitted. */
const lineWithPast = async ({ joined, left }: { joined: readonly string[]; left: readonly string[] }) => {
  const sale = await virtual.openSale({ admitPerSecond: 2, maxActive: 2 })
  for (const buyer of joined) await joinLine(virtual.line, sale.id, { buyer, claimedPlace: 0 })
  for (const buyer of left) await leaveLine(virtual.line, sale.id, buyer)
  await admit(virtual.line, sale.id, 'kid')
  return sale.id
}

it('a batch gives the same results as one join after another, and each new place once', async () => {
  await fc.assert(
    fc.asyncProperty(buyers, buyers, buyers, async (joined, left, joining) => {
      const past = { joined, left }
      const [mergeBatches, alone] = [await lineWithPast(past), await lineWithPast(past)]
      const batch = await joinAll(
        virtual.line,
        mergeBatches,
        joining.map((buyer) => ({ buyer, claimedPlace: 0 })),
      )
      const singles: JoinOutcome[] = []
      for (const buyer of joining) singles.push(await joinLine(virtual.line, alone, { buyer, claimedPlace: 0 }))
      expect(batch.map(placeOf)).toEqual(singles.map(placeOf))
      for (const key of ['line', 'left', 'absent', 'returning'] as const) {
        const members = (sale: string) => virtual.redis.zrange(lineKeys(sale)[key], '0', '-1')
        expect(await members(mergeBatches)).toEqual(await members(alone))
      }
      const counts = (sale: string) => virtual.redis.hmget(lineKeys(sale).sale, 'counter', 'joined')
      expect(await counts(mergeBatches)).toEqual(await counts(alone))
    }),
    { numRuns: 40 },
  )
})

it('after a loss the place of a shown ticket is restored, and new buyers get later ones', async () => {
  const sale = await virtual.openSale({})
  const { sale: key } = lineKeys(sale.id)
  await virtual.redis.hset(key, 'counter', 50, 'restoreBelow', 50)
  const outcomes = await joinAll(virtual.line, sale.id, [
    { buyer: 'new', claimedPlace: 0 },
    { buyer: 'lost', claimedPlace: 7 },
    { buyer: 'forged', claimedPlace: 51 },
  ])
  expect(outcomes).toMatchObject([
    { kind: 'joined', place: 51, position: 2 },
    { kind: 'known', place: 7, position: 1 },
    { kind: 'joined', place: 52, position: 3 },
  ])
})

it('a batch is rejected as a whole when the sale accepts no joins', async () => {
  const closed = await virtual.openSale({})
  await projectSale(virtual.line, { ...closed, state: 'closed', version: 2 }, { act: 'close', isNew: false })
  const two = names.slice(0, 2).map((buyer) => ({ buyer, claimedPlace: 0 }))
  expect(await joinAll(virtual.line, closed.id, two)).toEqual([{ kind: 'closed' }, { kind: 'closed' }])
  expect(await joinAll(virtual.line, 'no-such-sale', two)).toEqual([{ kind: 'missing' }, { kind: 'missing' }])
})

it('concurrent joins share as few calls as possible: one per sale, two for a buyer who joins twice', async () => {
  const calls: number[] = []
  const counting = {
    ...virtual.line,
    run: ((script, sale, args) => {
      calls.push((args.length - 2) / 3)
      return virtual.line.run(script, sale, args)
    }) satisfies VirtualLine['line']['run'],
  }
  const join = createMicroBatcher<JoinRequest, JoinOutcome>({
    keyOf: ({ buyer }) => buyer,
    itemsMax: JOINERS_MAX,
    send: (sale, joining) => joinAll(counting, sale, joining),
  })
  const [one, other] = [await virtual.openSale({}), await virtual.openSale({})]
  const crowd = Array.from({ length: JOINERS_MAX + 10 }, (_, index) => `b${index}`)
  const joins = [...crowd.map((buyer) => join(one.id, { buyer, claimedPlace: 0 }))]
  joins.push(join(other.id, { buyer: 'b0', claimedPlace: 0 }), join(other.id, { buyer: 'b0', claimedPlace: 0 }))
  const places = (await Promise.all(joins)).map(placeOf)
  expect(places.slice(0, crowd.length).map(({ place }) => place)).toEqual(crowd.map((_, index) => index + 1))
  expect(places.slice(crowd.length)).toMatchObject([
    { kind: 'joined', place: 1 },
    { kind: 'known', place: 1 },
  ])
  expect(calls.toSorted((left, right) => left - right)).toEqual([1, 1, 10, JOINERS_MAX])
})
