import { texts as english } from '@floodgate/texts/languages/en'
import { describe, expect, it } from 'vitest'
import {
  admitted,
  after,
  buy,
  catalogueOf,
  jobKinds,
  joined,
  now,
  rejected,
  screenOf,
  start,
  ticket,
} from '../../testing/buyer-page.ts'
import type { Model } from './model.ts'
import type { PageEvent } from './page-event.ts'
import { missesChanges } from './stock-gap.ts'
import { textOf } from './texts.ts'

const SECOND = 1_000
const stock = (available: number, { at = now, soldOut = false } = {}): PageEvent => ({
  ...{ kind: 'stock', at },
  items: [{ sku: 'COAT', available, soldOut }],
})
const inside = after(start, joined, admitted, catalogueOf([{}, { sku: 'HAT', name: 'Hat' }]))
const coatOf = (model: Model) => {
  const { available, soldOut } = model.catalogue?.items.find(({ sku }) => sku === 'COAT') ?? {}
  return { available, soldOut }
}

describe('news of the stock', () => {
  it('make the page read the board where it missed some: after a long absence, or as a slow client', () => {
    expect(missesChanges(5, { after: null })).toBe(true)
    expect(missesChanges(5, { after: 7 })).toBe(true)
    for (const after of [0, 4, 5]) expect(missesChanges(5, { after }), `${after}`).toBe(false)
    expect(missesChanges(undefined, { after: null }), 'the first message').toBe(false)
  })

  it('are wanted during the turn only', () => {
    expect(jobKinds(inside)).toContain('watch-stock')
    expect(jobKinds(after(start, joined))).not.toContain('watch-stock')
    expect(jobKinds(after(inside, buy))).not.toContain('watch-stock')
  })

  it('change what the form shows, and a sale with nothing left is sold out', () => {
    expect(coatOf(after(inside, stock(0)))).toEqual({ available: 0, soldOut: false })
    const only = after(start, joined, admitted, catalogueOf([{}]), stock(0, { soldOut: true }))
    expect(screenOf(only).kind).toBe('sold-out')
    expect(screenOf(after(only, stock(1))).kind, 'a hold expired').toBe('your-turn')
  })

  it('are not undone by a catalogue that may be older, and give way to a newer one', () => {
    const told = after(inside, stock(0))
    expect(coatOf(after(told, catalogueOf([{ available: 1 }], now + 2 * SECOND))).available).toBe(0)
    expect(coatOf(after(told, catalogueOf([{ available: 1 }], now + 3 * SECOND))).available).toBe(1)
  })

  it('do not undo a rejection, which is newer, until a catalogue can be as new', () => {
    const short = rejected('sold-out', { skus: ['COAT'], items: [{ sku: 'COAT', available: 0, soldOut: true }] })
    const model = after(inside, buy, short, stock(1, { at: now + SECOND }))
    expect(coatOf(model)).toEqual({ available: 0, soldOut: true })
    const later = after(model, stock(1, { at: now + 3 * SECOND }))
    expect(coatOf(later)).toEqual({ available: 1, soldOut: false })
  })

  it('of items that the page does not know, or before the catalogue, change nothing', () => {
    const unknown = after(inside, { kind: 'stock', at: now, items: [{ sku: 'RUG', available: 1, soldOut: false }] })
    expect(unknown.catalogue?.items).toEqual(inside.catalogue?.items)
    const early = after(start, joined, admitted, stock(0), catalogueOf([{}]))
    expect(coatOf(early).available).toBe(0)
  })
})

describe('a buyer in line', () => {
  const linesOf = (model: Model) => textOf(screenOf(model), english).lines
  it.each([
    ['held', 'Other buyers have reserved everything left'],
    ['sold-out', 'Everything has been sold.'],
  ] as const)('reads that the sale is %s, until something is available again', (supply, words) => {
    const told = after(start, joined, ticket({ supply } as Parameters<typeof ticket>[0]))
    expect(linesOf(told)[0]).toContain(words)
    const again = after(told, ticket({ supply: 'available' } as Parameters<typeof ticket>[0]))
    expect(linesOf(again).join()).not.toContain(words)
  })
  it('reads nothing about the stock where it is not known', () => {
    expect(linesOf(after(start, joined, ticket({})))[0]).toContain('Your wait is')
  })
})
