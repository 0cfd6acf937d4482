import type { PublicCatalogue } from '@floodgate/contracts'
import { type Change, changesOrder, isLoss } from './catalogue-changes.ts'
import { missingLines } from './missing-lines.ts'
import type { Draft } from './model.ts'

type Item = PublicCatalogue['items'][number]
type Lines = Draft['items']

/** Returns what a press of the button agrees to: name and price. The quantity is the buyer's own. */
const termsOf = ({ name, salePriceMinor }: Item, currency: string): string =>
  JSON.stringify([name, salePriceMinor, salePriceMinor > 0 && currency])

const termsBySku = ({ items, currency }: PublicCatalogue) =>
  new Map(items.map((item) => [item.sku, termsOf(item, currency)]))

/**
 * Compares the buyer's choice with what the buyer last saw: when the form appeared, and at each press of the button
 * since. `changes` are those that the form appears with; without `areNews` a rejection has announced them.
 */
export function createAgreement(options: { catalogue: PublicCatalogue; changes: readonly Change[]; areNews: boolean }) {
  let { catalogue } = options
  let looked = termsBySku(catalogue)
  /** Items lost from the order since the buyer last looked. */
  const lost = new Set<string>()
  /** Items lost from the order and not chosen again. */
  const dropped = new Set<string>()
  for (const change of options.changes) {
    const { sku } = change.item
    if (isLoss(change)) dropped.add(sku)
    if (!options.areNews) continue
    if (isLoss(change)) lost.add(sku)
    else if (changesOrder(change)) looked.set(sku, '')
  }

  function choose(lines: Lines): void {
    for (const { sku } of lines) {
      dropped.delete(sku)
      lost.delete(sku)
    }
  }

  return {
    /** Records the lines that the buyer has chosen. */
    choose,

    /** Records a change of the catalogue under these lines. */
    update(now: PublicCatalogue, lines: Lines): void {
      catalogue = now
      choose(lines)
      for (const { sku } of missingLines(lines, now)) {
        dropped.add(sku)
        lost.add(sku)
      }
      for (const item of now.items) if (!looked.has(item.sku)) looked.set(item.sku, termsOf(item, now.currency))
    },

    /** Returns the items that are available again but no longer in the order. */
    returned: (): readonly Item[] => catalogue.items.filter(({ sku, soldOut }) => dropped.has(sku) && !soldOut),

    /**
     * Tells whether these lines differ from what the buyer last saw. True once: the press that asks counts as a look.
     */
    mustLookAgain(lines: Lines): boolean {
      choose(lines)
      const now = termsBySku(catalogue)
      const differs = lost.size > 0 || lines.some(({ sku }) => now.get(sku) !== looked.get(sku))
      looked = now
      lost.clear()
      return differs
    },
  }
}
