import { expect, it } from 'vitest'
import { createCostMeter, formatCost } from './cost.ts'

function meterOn(units: number) {
  let nowMs = 0
  const meter = createCostMeter(units, () => nowMs)
  return {
    meter,
    at: (ms: number) => {
      nowMs = ms
      return meter
    },
  }
}

it('a stretch counts as the cost of a fault when it ends after the fault began', () => {
  const { meter, at } = meterOn(10)
  for (const ms of [0, 300, 400]) at(ms).admitted()
  at(500).faultBegins()
  for (const ms of [4_400, 4_500]) at(ms).admitted()
  at(5_000).faultEnds()
  expect(meter.cost()).toMatchObject({ withoutAdmissionMs: { before: 300, after: 4_000 }, faultMs: 4_500 })
})

it('an order is one of the fault when its attempts overlap it, however late it is accepted', () => {
  const { meter, at } = meterOn(10)
  at(100).ordered(50)
  at(1_000).faultBegins()
  at(2_000).faultEnds()
  at(9_000).ordered(7_500)
  at(9_010).ordered(10)
  const { during, without } = meter.cost()
  expect(during).toEqual({ orders: 1, p99Ms: 7_500 })
  expect(without).toEqual({ orders: 2, p99Ms: 50 })
})

it('an order that waited for a returned unit ends no stretch', () => {
  const { meter, at } = meterOn(2)
  at(0).faultBegins()
  for (const ms of [100, 200, 60_000]) at(ms).ordered(10)
  expect(meter.cost().withoutOrderMs).toEqual({ before: 0, after: 100 })
})

it('prints a cost in one line', () => {
  const { meter, at } = meterOn(10)
  at(0).ordered(20)
  at(100).faultBegins()
  at(2_600).ordered(2_500)
  at(3_100).faultEnds()
  expect(formatCost('a broker dies', meter.cost())).toBe(
    'a broker dies: 3.0 s of fault; longest without an admission 0.0 s (before it 0.0 s); without an accepted order 2.6 s (before it 0.0 s); without a confirmed one 0.0 s (before it 0.0 s); p99 of 1 orders during it 2500 ms, of 1 others 20 ms',
  )
})
