import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planRefund, type RefundLine } from './plan-refund.ts'

const lines = [
  { sku: 'cup', quantity: 3, priceMinor: 100 },
  { sku: 'tea', quantity: 1, priceMinor: 999 },
]
const order = { lines, discountMinor: 0, currency: 'EUR' }
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
    expect(planRefund({ ...order, lines: lines.slice(0, 1) }, [refundOf(cup(3))])).toEqual({
      kind: 'nothing-left',
    })
  })

  it.each([
    { currency: 'KWD', paid: 2_510, amounts: [830, 840, 840] },
    { currency: 'MGA', paid: 1_000, amounts: [300, 300, 400] },
    { currency: 'EUR', paid: 1_000, amounts: [333, 333, 334] },
  ])(
    'of a part is what Stripe takes of $currency, and the last one gives back the rest',
    ({ currency, paid, amounts }) => {
      const bought = [{ sku: 'cup', quantity: 3, priceMinor: paid }]
      const refunds: { lines: readonly RefundLine[] }[] = []
      for (const amountMinor of amounts) {
        const plan = planRefund({ lines: bought, discountMinor: paid * 2, currency }, refunds, [
          { sku: 'cup', quantity: 1 },
        ])
        expect(plan).toMatchObject({ amountMinor, lines: [{ amountMinor }] })
        if (plan.kind === 'planned') refunds.push(plan)
      }
    },
  )

  it('that is the last one gives back what was cut off the others', () => {
    const halves = ['cup', 'tea'].map((sku) => ({ sku, quantity: 1, priceMinor: 1_255 }))
    const bought = { lines: halves, discountMinor: 0, currency: 'KWD' }
    const half = [{ sku: 'cup', quantity: 1, amountMinor: 1_250 }]
    expect(planRefund(bought, [], [{ sku: 'cup', quantity: 1 }])).toMatchObject({ scope: 'part', lines: half })
    const rest = [{ sku: 'tea', quantity: 1, amountMinor: 1_260 }]
    expect(planRefund(bought, [{ lines: half }])).toMatchObject({ scope: 'whole', amountMinor: 1_260, lines: rest })
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
        fc.constantFrom('EUR', 'KWD', 'MGA'),
        (all, off, draws, currency) => {
          const subtotal = all.reduce((sum, { quantity, priceMinor }) => sum + quantity * priceMinor, 0)
          const discounted = { lines: all, discountMinor: Math.floor(subtotal * off), currency }
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
