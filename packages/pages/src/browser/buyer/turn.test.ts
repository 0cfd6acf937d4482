import type { OrderResource } from '@floodgate/contracts'
import { texts as english } from '@floodgate/texts/languages/en'
import { describe, expect, it } from 'vitest'
import {
  admitted,
  after,
  boardOf,
  buy,
  catalogueOf,
  draft,
  insideStatus,
  jobKinds,
  joined,
  now,
  order,
  rejected,
  screenOf,
  start,
  ticket,
} from '../../testing/buyer-page.ts'
import type { Problem } from '../shared/problem.ts'
import { beginWith } from './begin.ts'
import { changeText } from './change-texts.ts'
import { jobsOf } from './jobs.ts'
import { memoryOf } from './memory.ts'
import type { Model } from './model.ts'
import { problemText } from './problem-texts.ts'
import { textOf } from './texts.ts'

describe('what is left', () => {
  const placing = after(start, joined, admitted, catalogueOf([{}, { sku: 'HAT', name: 'Hat' }]), buy)
  const short = (available: number, more: Partial<Problem> = {}) =>
    rejected('sold-out', { skus: ['COAT'], items: [{ sku: 'COAT', available, soldOut: false }], ...more })
  const wordsOf = (model: Model) => {
    const screen = screenOf(model)
    if (screen.kind !== 'your-turn' || screen.problem === undefined || screen.catalogue === undefined)
      return screen.kind
    return problemText(screen.problem, { catalogue: screen.catalogue, lines: screen.draft?.items ?? [] }, english)
  }

  it('is less than wanted: the buyer reads the number left, and chooses; nothing is retried', () => {
    const model = after(placing, short(1))
    expect(wordsOf(model)).toBe('Only 1 of “Coat” is left. Nothing was ordered: choose again.')
    expect(screenOf(model)).toMatchObject({ kind: 'your-turn', draft, catalogue: { items: [{ available: 1 }, {}] } })
    expect(jobKinds(model)).not.toContain('place-order')
    expect(jobKinds(after(placing, short(1, { retryable: true }))), 'others hold more').not.toContain('place-order')
  })

  it('is held by others: retries, but not for more than can come back', () => {
    expect(screenOf(after(placing, short(0, { retryable: true })))).toMatchObject({
      kind: 'held-by-others',
      others: true,
    })
    expect(wordsOf(after(placing, short(0)))).toContain('Other buyers have reserved everything left of “Coat”')
  })

  it('is nothing: the buyer chooses something else, or sees everything sold out until more arrives', () => {
    const sold = { skus: ['COAT'], final: true, items: [{ sku: 'COAT', available: 0, soldOut: true }] }
    expect(wordsOf(after(placing, rejected('sold-out', sold)))).toContain('“Coat” is sold out')
    const only = after(start, joined, admitted, catalogueOf([{}]), buy, rejected('sold-out', sold))
    expect(screenOf(only)).toEqual({ kind: 'sold-out', secondsLeft: 300 })
    expect(jobKinds(only)).toContain('watch-catalogue')
    const late = after(only, catalogueOf([{}], now + 1_000))
    expect(screenOf(late).kind, 'a catalogue from before the rejection').toBe('sold-out')
    const back = after(late, catalogueOf([{ total: 10, available: 9 }], now + 4_000))
    // The address is kept; only the buyer chooses sold-out items again.
    expect(screenOf(back)).toMatchObject({ kind: 'your-turn', draft: { ...draft, items: [] }, problem: undefined })
  })

  it('is unknown from an older order core: the catalogue has the figures', () => {
    const two = { ...buy, draft: { ...draft, items: [{ sku: 'COAT', quantity: 2 }] } }
    const older = rejected('sold-out', { skus: ['COAT'], retryable: true })
    const ask = (available: number) => after(start, joined, admitted, catalogueOf([{ available }]), two, older)
    expect(wordsOf(ask(1))).toContain('Only 1 of “Coat” is left')
    expect(screenOf(ask(0)).kind).toBe('held-by-others')
    expect(screenOf(ask(7)).kind, 'the catalogue is old').toBe('held-by-others')
  })
})

describe('what has changed under the open form', () => {
  const atTheTill = after(start, joined, admitted, catalogueOf([{}]))
  const changesOf = (model: Model) => {
    const screen = screenOf(model)
    return screen.kind === 'your-turn' ? screen.changes.map((change) => changeText(change, english)) : screen.kind
  }

  it('is shown beside the items, until the buyer orders at the new terms', () => {
    expect(changesOf(atTheTill)).toEqual([])
    const dearer = after(atTheTill, catalogueOf([{ salePriceMinor: 5_000, name: 'Wool coat', available: 1 }]))
    expect(changesOf(dearer)).toEqual([
      '“Coat” is now called “Wool coat”.',
      '“Wool coat” now costs €50.00 instead of €10.00.',
    ])
    expect(changesOf(after(dearer, catalogueOf([{}])))).toEqual([])
    expect(changesOf(after(dearer, buy, rejected('over-limit')))).toEqual([])
  })

  it('can also be a limit, the end of the stock, a new or removed item, another currency', () => {
    const other = catalogueOf([
      { perBuyerLimit: 1, soldOut: true },
      { sku: 'HAT', name: 'Hat' },
    ])
    expect(changesOf(after(atTheTill, other))).toEqual([
      'Each buyer may now have at most 1 of “Coat”.',
      '“Coat” is sold out and no longer in your order.',
      '“Hat” is new in this sale.',
    ])
    expect(changesOf(after(atTheTill, catalogueOf([{ sku: 'HAT', name: 'Hat' }])))).toEqual([
      '“Hat” is new in this sale.',
      '“Coat” is no longer on sale and no longer in your order.',
    ])
    const free = after(start, joined, admitted, catalogueOf([{ salePriceMinor: 0 }]))
    expect(changesOf(after(free, catalogueOf([{}])))).toEqual(['“Coat” is no longer free: it costs €10.00.'])
    expect(changesOf(after(atTheTill, catalogueOf([{ salePriceMinor: 0 }])))).toEqual(['“Coat” is free now.'])
    const inYen = after(atTheTill, catalogueOf([{}], now, 'JPY'))
    expect(changesOf(inYen)).toEqual(['“Coat” now costs ¥1,000 instead of €10.00.'])
  })

  it('is known from a rejection before the catalogue has it: the form shows the new price and keeps the draft', () => {
    const items = [{ sku: 'COAT', priceMinor: 5_000 }]
    const model = after(atTheTill, buy, rejected('price-changed', { skus: ['COAT'], items, currency: 'EUR' }))
    expect(screenOf(model)).toMatchObject({
      kind: 'your-turn',
      draft,
      catalogue: { items: [{ salePriceMinor: 5_000 }] },
    })
    expect(changesOf(model)).toEqual(['“Coat” now costs €50.00 instead of €10.00.'])
    const stale = after(model, catalogueOf([{}], now + 2_000))
    expect(changesOf(stale), 'a cache knows the old price').toEqual(changesOf(model))
    const gone = after(atTheTill, buy, rejected('unknown-sku', { skus: ['COAT'] }))
    expect(
      changesOf(
        after(
          start,
          joined,
          admitted,
          catalogueOf([{}, { sku: 'HAT' }]),
          buy,
          rejected('unknown-sku', { skus: ['COAT'] }),
        ),
      ),
    ).toEqual(['“Coat” is no longer on sale and no longer in your order.'])
    expect(gone.checkout).toMatchObject({ draft: { ...draft, items: [] } })
  })

  it('removes a rejection that it contradicts', () => {
    const limited = after(atTheTill, buy, rejected('over-limit', { skus: ['COAT'] }))
    const raised = after(limited, catalogueOf([{ perBuyerLimit: 9 }]))
    expect(screenOf(limited)).toMatchObject({ problem: { code: 'over-limit' } })
    expect(screenOf(after(limited, catalogueOf([{}])))).toMatchObject({ problem: { code: 'over-limit' } })
    expect(screenOf(raised)).toMatchObject({ problem: undefined, draft })
  })

  it('never restores what the order has lost', () => {
    const two = [{ salePriceMinor: 99_900 }, { sku: 'HAT', name: 'Hat' }] as const
    const [coat, hat] = [
      { sku: 'COAT', quantity: 1 },
      { sku: 'HAT', quantity: 1 },
    ]
    const chosen = after(start, joined, admitted, catalogueOf(two), {
      kind: 'fill',
      draft: { ...draft, items: [coat, hat] },
    })
    const soldOut = catalogueOf([{ ...two[0], soldOut: true }, two[1]])
    const allSoldOut = catalogueOf(two.map((item) => ({ ...item, soldOut: true })))
    expect(screenOf(after(chosen, catalogueOf(two)))).toMatchObject({ draft: { items: [coat, hat] } })
    for (const [gone, left] of [
      [soldOut, [hat]],
      [catalogueOf([two[1]]), [hat]],
      [allSoldOut, []],
    ] as const)
      expect(screenOf(after(chosen, gone, catalogueOf(two)))).toMatchObject({
        kind: 'your-turn',
        draft: { items: left },
      })
    const untouched = after(
      start,
      joined,
      admitted,
      catalogueOf([{}]),
      catalogueOf([{ soldOut: true }]),
      catalogueOf([{}]),
    )
    expect(screenOf(untouched), 'nor what the form chose').toMatchObject({ kind: 'your-turn', draft: { items: [] } })
    const placing = after(chosen, { ...buy, draft: { ...draft, items: [coat, hat] } }, soldOut)
    expect(placing.checkout, 'what was sent is what was sent').toMatchObject({ draft: { items: [coat, hat] } })
  })

  it('is forgotten with the turn', () => {
    expect(after(atTheTill, { kind: 'rejoin' })).toMatchObject({ catalogue: undefined, seen: undefined })
  })
})

describe('the close of the sale', () => {
  it('ends no turn, and the admitted buyer sees that', () => {
    const inside = after(start, joined, ticket({ ...insideStatus, saleState: 'closed' }))
    expect(screenOf(inside)).toMatchObject({ kind: 'your-turn', secondsLeft: 300, saleClosed: true })
    expect(textOf(screenOf(inside), english).lines.join(' ')).toContain('You can still buy until your time runs out')
    expect(screenOf(inside, now + 300_000)).toEqual({ kind: 'admission-expired', again: 'no' })
  })

  it('is why the line cannot be joined again after a turn, until the sale is reopened', () => {
    const over = after(start, joined, ticket({ state: 'expired', saleState: 'closed', position: null }), {
      kind: 'orders',
      orders: [],
      reader: undefined,
    })
    expect(textOf(screenOf(over), english).lines.join(' ')).not.toContain('rejoin')
    expect(jobKinds(over)).toEqual(['watch-board'])
    const again = after(over, boardOf('open'))
    expect(textOf(screenOf(again), english).lines.join(' ')).toContain('rejoin')
    expect(jobsOf(again)).toEqual([{ kind: 'watch-board', key: 'again', pace: 'rare' }])
  })
})

describe('a buyer who has already bought', () => {
  const atTheTill = (quantity: number, earlier?: Model) =>
    after(
      ...([earlier ?? start, joined, admitted, catalogueOf([{ perBuyerLimit: 2, available: 9 }])] as const),
      { ...buy, draft: { ...draft, items: [{ sku: 'COAT', quantity }] } },
      rejected('over-limit', { skus: ['COAT'] }),
    )

  it.each([
    [1, 'You have already bought the maximum of “Coat” per buyer.'],
    [2, 'Together with what you have already bought, that exceeds the limit of 2 of “Coat” per buyer.'],
    [3, 'That exceeds the limit of “Coat” per buyer. Choose fewer.'],
  ])('gets no advice to choose fewer than one: %i chosen', (quantity, words) => {
    const screen = screenOf(atTheTill(quantity))
    if (screen.kind !== 'your-turn' || screen.problem === undefined || screen.catalogue === undefined)
      throw new Error(screen.kind)
    expect(
      problemText(screen.problem, { catalogue: screen.catalogue, lines: screen.draft?.items ?? [] }, english),
    ).toContain(words)
  })

  it('gets a link to that order, where the page knows it, also after a reload', () => {
    expect(screenOf(atTheTill(1))).toMatchObject({ earlier: undefined })
    const again = (status: 'confirmed' | 'cancelled') =>
      after(start, joined, admitted, buy, order({ status, version: 2 } as Partial<OrderResource>), { kind: 'rejoin' })
    expect(screenOf(atTheTill(1, again('cancelled')))).toMatchObject({ earlier: undefined })
    const earlier = { sale: 'demo', id: 'o1' }
    expect(screenOf(atTheTill(1, again('confirmed')))).toMatchObject({ earlier })
    const reloaded = beginWith({ id: 'demo', name: 'Demo' }, memoryOf(again('confirmed')))
    expect(screenOf(atTheTill(1, reloaded))).toMatchObject({ earlier })
  })
})
