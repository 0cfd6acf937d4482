import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planRefund, type RefundLine } from './plan-refund.ts'

const lines = [
  { sku: 'cup', quantity: 3, priceMinor: 100 },
  { sku: 'tea', quantity: 1, priceMinor: 999 },
]
const order = { lines, discountMinor: 0 }
const refundOf = (...refunded: readonly RefundLine[]) => ({ lines: refunded })
const cup = (quantity: number) => ({ sku: 'cup', quantity, amountMinor: quantity * 100 })

describe('a refund', () => {
  it('without items gives back all that is left', () => {
    expect(planRefund(order, [refundOf(cup(1))])).toEqual({
      ...{ kind: 'planned', amountMinor: 1_199, scope: 'whole' },
      lines: [cup(2), { sku: 'tea', quantity: 1, amountMinor: 999 }],
    })
  })

  it('by line gives back what these units cost', () => {
    expect(planRefund(order, [], [{ sku: 'cup', quantity: 2 }])).toEqual({
      ...{ kind: 'planned', amountMinor: 200, scope: 'part', lines: [cup(2)] },
    })
  })

  it('is rejected for more units than are left, and for items that were not bought', () => {
    const wanted = [
      { sku: 'cup', quantity: 3 },
      { sku: 'tea', quantity: 1 },
      { sku: 'pot', quantity: 1 },
    ]
    expect(planRefund(order, [refundOf(cup(1))], wanted)).toEqual({ kind: 'too-many', skus: ['cup', 'pot'] })
    expect(planRefund({ lines: [lines[0] ?? cup(1)] as typeof lines, discountMinor: 0 }, [refundOf(cup(3))])).toEqual({
      kind: 'nothing-left',
    })
  })

  it('adds up to what was paid, whatever is refunded in whatever order, with any discount', () => {
    const line = fc.record({ quantity: fc.integer({ min: 1, max: 7 }), priceMinor: fc.nat({ max: 2 ** 40 }) })
    const bought = fc
      .array(line, { minLength: 1, maxLength: 5 })
      .map((all) => all.map((each, index) => ({ sku: `sku-${index}`, ...each })))
    fc.assert(
      fc.property(
        bought,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.infiniteStream(fc.nat()),
        (all, off, draws) => {
          const subtotal = all.reduce((sum, { quantity, priceMinor }) => sum + quantity * priceMinor, 0)
          const discounted = { lines: all, discountMinor: Math.floor(subtotal * off) }
          const refunds: { lines: readonly RefundLine[] }[] = []
          let units = all.flatMap(({ sku, quantity }) => Array.from({ length: quantity }, () => sku))
          while (units.length > 0) {
            const sku = units[(draws.next().value ?? 0) % units.length] ?? ''
            const plan = planRefund(discounted, refunds, [{ sku, quantity: 1 }])
            if (plan.kind !== 'planned') throw new Error(plan.kind)
            expect(plan.amountMinor).toBeGreaterThanOrEqual(0)
            units = units.toSpliced(units.indexOf(sku), 1)
            expect(plan.scope).toBe(units.length === 0 ? 'whole' : 'part')
            refunds.push(plan)
          }
          const back = refunds.flatMap((each) => each.lines).reduce((sum, { amountMinor }) => sum + amountMinor, 0)
          expect(back).toBe(subtotal - discounted.discountMinor)
          expect(planRefund(discounted, refunds)).toEqual({ kind: 'nothing-left' })
        },
      ),
    )
  })
})
