import type { PublicCatalogue } from '@floodgate/contracts'
import { type Change, changesOrder, isLoss } from './catalogue-changes.ts'
import { missingLines } from './missing-lines.ts'
import type { Draft } from './model.ts'

type Item = PublicCatalogue['items'][number]
type Lines = Draft['items']

/** What a buyer agrees to by a press of the button: the name and the price. The quantity is the buyer's own. */
const termsOf = ({ name, salePriceMinor }: Item, currency: string): string =>
  JSON.stringify([name, salePriceMinor, salePriceMinor > 0 && currency])

const termsBySku = ({ items, currency }: PublicCatalogue) =>
  new Map(items.map((item) => [item.sku, termsOf(item, currency)]))

/**
 * Compares what the buyer chose with what the buyer last looked at: when the form appeared, and at each press of the button since.
 * `changes` are those that the form appears with; without `areNews` a refusal has told them.
 */
export function createAgreement(options: { catalogue: PublicCatalogue; changes: readonly Change[]; areNews: boolean }) {
  let { catalogue } = options
  let looked = termsBySku(catalogue)
  /** Lost from the order since the buyer last looked. */
  const lost = new Set<string>()
  /** Lost from the order and not chosen again. */
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
    /** The buyer has chosen these lines. */
    choose,

    /** The catalogue has changed under these lines. */
    update(now: PublicCatalogue, lines: Lines): void {
      catalogue = now
      choose(lines)
      for (const { sku } of missingLines(lines, now)) {
        dropped.add(sku)
        lost.add(sku)
      }
      for (const item of now.items) if (!looked.has(item.sku)) looked.set(item.sku, termsOf(item, now.currency))
    },

    /** The items that can be had again and are no longer in the order. */
    returned: (): readonly Item[] => catalogue.items.filter(({ sku, soldOut }) => dropped.has(sku) && !soldOut),

    /** Whether these lines are others than the buyer last looked at. True once: the press that asks is a look. */
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
