import { seededRandom } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { admit } from '../admission/admission-scripts.ts'
import { joinLine, readStanding } from '../testing/one-buyer.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'
import { lineKeys } from './keys.ts'
import { notePresence } from './line-scripts.ts'

let virtual: VirtualLine
beforeAll(async () => {
  virtual = await connectVirtualLine()
})
afterAll(() => virtual.close())

const graceMs = 30_000
const there = (buyer: string) => ({ buyer, place: 0 })
const tick = async (sale: string) => {
  virtual.clock.advance(100)
  const result = await admit(virtual.line, sale, 'kid')
  if (result.kind !== 'ok') throw new Error(result.kind)
  return result
}
const tickThrough = async (sale: string, ms: number) => {
  for (let passed = 0; passed < ms; passed += 100) await tick(sale)
}

it.each([10, 30, 60])(
  'with %d percent of the line silent, the others are admitted at the full rate and nobody jumps',
  async (percent) => {
    const sale = await virtual.openSale({ admitPerSecond: 20 })
    await tickThrough(sale.id, graceMs)
    const random = seededRandom(percent)
    const buyers = Array.from({ length: 1_000 }, (_, index) => `b${index}`)
    await virtual.joinMany(sale.id, buyers)
    const present = buyers.filter(() => random() * 100 >= percent)
    await notePresence(virtual.line, sale.id, { buyers: present.map(there), presentMs: 600_000 })
    const admitted: string[] = []
    for (let at = 0; at < 100; at += 1) admitted.push(...(await tick(sale.id)).admitted.map(({ buyer }) => buyer))
    expect(Math.abs(admitted.length - 200)).toBeLessThanOrEqual(2)
    expect(admitted).toEqual(present.slice(0, admitted.length))
  },
)

it('whoever comes back gets the next free token, before every later place', async () => {
  const sale = await virtual.openSale({ admitPerSecond: 5 })
  await tickThrough(sale.id, graceMs)
  await virtual.joinMany(sale.id, ['early', 'a', 'b', 'c', 'd', 'e'])
  await notePresence(virtual.line, sale.id, { buyers: ['a', 'b', 'c', 'd', 'e'].map(there), presentMs: 600_000 })
  const first = await tick(sale.id)
  expect(first.admitted.map(({ buyer }) => buyer)).toEqual(['a'])
  const standing = await readStanding(virtual.line, sale.id, { buyer: 'early', place: 1, presentMs: 5_000 })
  expect(standing).toMatchObject({ kind: 'waiting', place: 1, position: 1 })
  const next: string[] = []
  while (next.length === 0) next.push(...(await tick(sale.id)).admitted.map(({ buyer }) => buyer))
  expect(next).toEqual(['early'])
})

it('a line of leavers does not outlast its bound: 200 absent buyers are passed over in one tick', async () => {
  const sale = await virtual.openSale({ admitPerSecond: 1 })
  await tickThrough(sale.id, graceMs)
  await virtual.joinMany(sale.id, [...Array.from({ length: 199 }, (_, index) => `gone${index}`), 'here'])
  await notePresence(virtual.line, sale.id, { buyers: [there('here')], presentMs: 60_000 })
  const result = await tick(sale.id)
  expect(result).toMatchObject({ setAside: 199 })
  expect(result.admitted.map(({ buyer }) => buyer)).toEqual(['here'])
})

it('whoever stands behind the last one let in is not passed over, though looked at together', async () => {
  const sale = await virtual.openSale({ admitPerSecond: 1 })
  await tickThrough(sale.id, graceMs)
  const gone = Array.from({ length: 70 }, (_, index) => `gone${index}`)
  await virtual.joinMany(sale.id, [...gone, 'here', 'behind', 'last'])
  await notePresence(virtual.line, sale.id, { buyers: [there('here')], presentMs: 60_000 })
  expect(await tick(sale.id)).toMatchObject({ setAside: 70, admitted: [{ buyer: 'here', place: 71 }] })
  const keys = lineKeys(sale.id)
  expect(await virtual.redis.zrange(keys.line, '0', '-1')).toEqual(['behind', 'last'])
  expect(await virtual.redis.zcard(keys.away)).toBe(70)
})

it('nobody is set aside within 30 s of the opening', async () => {
  const sale = await virtual.openSale({ admitPerSecond: 10 })
  await virtual.joinMany(sale.id, ['silent'])
  await tickThrough(sale.id, 1_000)
  const known = await joinLine(virtual.line, sale.id, { buyer: 'silent', shownPlace: 0 })
  expect(known).toMatchObject({ kind: 'known', place: 1 })
  expect(await readStanding(virtual.line, sale.id, { buyer: 'silent', place: 1, presentMs: 1 })).toMatchObject({
    kind: 'admitted',
  })
})
