import type { PublicCatalogue } from '@floodgate/contracts'
import { changesBetween, isLoss } from './catalogue-changes.ts'
import type { Draft, Model } from './model.ts'

type Lines = Draft['items']

/** Returns the lines whose items are no longer available: sold out, or no longer listed. */
export function missingLines(lines: Lines, { items }: PublicCatalogue): Lines {
  return lines.filter(({ sku }) => items.find((item) => item.sku === sku)?.soldOut !== false)
}

/**
 * Removes unavailable items from the draft. An item that comes back stays out until the buyer chooses it again: no
 * order grows by itself. A draft that was sent is left alone.
 */
export function dropMissing(model: Model): Model {
  const { checkout, catalogue } = model
  if (checkout.kind !== 'choosing' || catalogue === undefined) return model
  const { draft } = checkout
  if (draft === undefined) {
    // The form may have preselected the only item: it does not do so again.
    const isGone = changesBetween(model.seen, catalogue).some(isLoss)
    return isGone ? { ...model, checkout: { ...checkout, draft: { items: [], email: '' } } } : model
  }
  const gone = new Set(missingLines(draft.items, catalogue))
  if (gone.size === 0) return model
  return {
    ...model,
    checkout: { ...checkout, draft: { ...draft, items: draft.items.filter((line) => !gone.has(line)) } },
  }
}
