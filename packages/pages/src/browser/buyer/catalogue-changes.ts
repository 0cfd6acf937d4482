import type { PublicCatalogue } from '@floodgate/contracts'

type Item = PublicCatalogue['items'][number]

/** Zero: it is free. */
interface Price {
  readonly amountMinor: number
  readonly currency: string
}

/** A change of an item since the buyer looked at it. */
export type Change =
  | { readonly kind: 'price'; readonly item: Item; readonly was: Price; readonly is: Price }
  | { readonly kind: 'name'; readonly item: Item; readonly was: string }
  | { readonly kind: 'limit'; readonly item: Item }
  | { readonly kind: 'sold-out' | 'back' | 'added' | 'removed'; readonly item: Item }

const changesOf = (before: Item, now: Item, currency: { was: string; is: string }): Change[] => {
  const changes: Change[] = []
  if (before.name !== now.name) changes.push({ kind: 'name', item: now, was: before.name })
  if (before.salePriceMinor !== now.salePriceMinor || (now.salePriceMinor > 0 && currency.was !== currency.is)) {
    changes.push({
      kind: 'price',
      item: now,
      was: { amountMinor: before.salePriceMinor, currency: currency.was },
      is: { amountMinor: now.salePriceMinor, currency: currency.is },
    })
  }
  if (before.perBuyerLimit !== now.perBuyerLimit) changes.push({ kind: 'limit', item: now })
  if (!before.soldOut && now.soldOut) changes.push({ kind: 'sold-out', item: now })
  if (before.soldOut && !now.soldOut) changes.push({ kind: 'back', item: now })
  return changes
}

let last: { before: PublicCatalogue; now: PublicCatalogue; changes: readonly Change[] } | undefined

/**
 * Returns the changes to show to a buyer who looked at `before`. Units left change all the time, and are shown at each
 * item. Caches the last result: a page calls it twice a second, and a catalogue may have ten thousand items.
 */
export function changesBetween(before: PublicCatalogue | undefined, now: PublicCatalogue): readonly Change[] {
  if (before === undefined || before === now) return []
  if (last?.before !== before || last.now !== now) last = { before, now, changes: compare(before, now) }
  return last.changes
}

const compare = (before: PublicCatalogue, now: PublicCatalogue): readonly Change[] => {
  const known = new Map(before.items.map((item) => [item.sku, item]))
  const currency = { was: before.currency, is: now.currency }
  const listed = new Set(now.items.map(({ sku }) => sku))
  return [
    ...now.items.flatMap((item): Change[] => {
      const earlier = known.get(item.sku)
      return earlier === undefined ? [{ kind: 'added', item }] : changesOf(earlier, item, currency)
    }),
    ...before.items.filter(({ sku }) => !listed.has(sku)).map((item): Change => ({ kind: 'removed', item })),
  ]
}

/** Tells whether the item is no longer available. */
export function isLoss({ kind }: Change): boolean {
  return kind === 'sold-out' || kind === 'removed'
}

/** Tells whether a buyer who wants this item must look again before an order is sent. */
export function changesOrder({ kind }: Change): boolean {
  return kind === 'price' || kind === 'name' || kind === 'sold-out' || kind === 'removed'
}
