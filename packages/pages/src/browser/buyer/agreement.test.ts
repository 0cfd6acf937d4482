import type { PublicCatalogue } from '@floodgate/contracts'
import { texts as english } from '@floodgate/texts/languages/en'
import { describe, expect, it } from 'vitest'
import { catalogueOf } from '../../testing/buyer-page.ts'
import { createAgreement } from './agreement.ts'
import { changesBetween } from './catalogue-changes.ts'
import { changesShown } from './change-texts.ts'

type Items = Parameters<typeof catalogueOf>[0]

const goods = (coat: Items[number] | undefined, hat: Items[number] = {}): PublicCatalogue => {
  const items = [
    ...(coat === undefined ? [] : [{ salePriceMinor: 99_900, ...coat }]),
    { sku: 'HAT', name: 'Hat', ...hat },
  ]
  const told = catalogueOf(items)
  if (told.kind !== 'catalogue') throw new Error(told.kind)
  return told.catalogue
}
const before = goods({})
const lines = (...skus: string[]) => skus.map((sku) => ({ sku, quantity: 1 }))
const open = () => createAgreement({ catalogue: before, changes: [], areNews: true })

describe('a press of the button', () => {
  it('orders what the buyer has seen', () => {
    const agreement = open()
    agreement.update(goods({ available: 3 }), lines('COAT', 'HAT'))
    expect(agreement.mustLookAgain(lines('COAT', 'HAT'))).toBe(false)
  })

  it.each([
    ['sold out', goods({ soldOut: true })],
    ['taken off the list', goods(undefined)],
  ])('asks for another press after an item was %s and came back, and names what the order lacks', (_, gone) => {
    const agreement = open()
    agreement.update(gone, lines('COAT', 'HAT'))
    expect(agreement.returned()).toEqual([])
    agreement.update(before, lines('HAT'))
    expect(changesShown(changesBetween(before, before), agreement.returned(), english)).toEqual([
      '“Coat” is available again, but not in your order.',
    ])
    expect(agreement.mustLookAgain(lines('HAT'))).toBe(true)
    expect(agreement.mustLookAgain(lines('HAT'))).toBe(false)
    agreement.choose(lines('COAT', 'HAT'))
    expect(agreement.returned()).toEqual([])
    expect(agreement.mustLookAgain(lines('COAT', 'HAT')), 'chosen by the buyer').toBe(false)
  })

  it('asks for another press when a seen price returns to its previous value', () => {
    const agreement = open()
    agreement.update(goods({ salePriceMinor: 500 }), lines('COAT'))
    expect(agreement.mustLookAgain(lines('COAT'))).toBe(true)
    agreement.update(before, lines('COAT'))
    expect(agreement.mustLookAgain(lines('COAT'))).toBe(true)
    expect(agreement.mustLookAgain(lines('COAT'))).toBe(false)
  })

  it('asks for another press for a new name, but not for items that were not chosen', () => {
    const agreement = open()
    agreement.update(goods({ salePriceMinor: 1 }, { name: 'Cap' }), lines('HAT'))
    expect(agreement.mustLookAgain(lines('HAT'))).toBe(true)
    agreement.update(goods({ soldOut: true }, { name: 'Cap' }), lines('HAT'))
    expect(agreement.mustLookAgain(lines('HAT'))).toBe(false)
  })

  it('asks for another press where the form appears with changes, unless a rejection has announced them', () => {
    const now = goods({ soldOut: true }, { salePriceMinor: 7 })
    const changes = changesBetween(before, now)
    for (const areNews of [true, false]) {
      const agreement = createAgreement({ catalogue: now, changes, areNews })
      expect(agreement.mustLookAgain(lines('HAT'))).toBe(areNews)
    }
  })
})
