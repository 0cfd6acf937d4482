import type { CatalogueBody, CatalogueItem } from '@floodgate/contracts'

export interface LedgerRow extends CatalogueItem {
  readonly held: number
  readonly sold: number
}

export type EditRejection =
  | { readonly kind: 'total-below-sold'; readonly skus: readonly string[] }
  /** Items with held or sold units would disappear, or change their currency. */
  | { readonly kind: 'catalogue-conflict'; readonly skus: readonly string[] }
  | { readonly kind: 'duplicate-sku'; readonly skus: readonly string[] }

export type EditCheck = { readonly kind: 'allowed'; readonly dropped: readonly string[] } | EditRejection

/** Returns the catalogue with every total at least at what is held and sold; a raised item has no units available. */
export function withTotalsRaised(ledger: readonly LedgerRow[], body: CatalogueBody): CatalogueBody {
  const taken = new Map(ledger.map(({ sku, held, sold }) => [sku, held + sold]))
  return {
    ...body,
    items: body.items.map((item) => ({ ...item, total: Math.max(item.total, taken.get(item.sku) ?? 0) })),
  }
}

/** Tells whether a catalogue may be replaced, given what is held and sold. */
export function checkEdit(
  current: { readonly currency: string; readonly ledger: readonly LedgerRow[] },
  body: CatalogueBody,
): EditCheck {
  const wanted = new Map(body.items.map((item) => [item.sku, item]))
  if (wanted.size < body.items.length)
    return {
      kind: 'duplicate-sku',
      skus: body.items.flatMap((item) => (wanted.get(item.sku) === item ? [] : [item.sku])),
    }

  const taken = current.ledger.filter((row) => row.held + row.sold > 0)
  const conflicting = taken.filter((row) => !wanted.has(row.sku) || body.currency !== current.currency)
  if (conflicting.length > 0) return { kind: 'catalogue-conflict', skus: conflicting.map((row) => row.sku) }
  const below = taken.filter((row) => (wanted.get(row.sku)?.total ?? 0) < row.held + row.sold)
  if (below.length > 0) return { kind: 'total-below-sold', skus: below.map((row) => row.sku) }
  return { kind: 'allowed', dropped: current.ledger.filter((row) => !wanted.has(row.sku)).map((row) => row.sku) }
}
