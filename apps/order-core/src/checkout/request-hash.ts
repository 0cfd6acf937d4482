import { hash } from 'node:crypto'
import type { OrderRequest } from '@floodgate/contracts'

type Item = OrderRequest['items'][number]

/** Sorts by code units, not by locale: the same on every machine. */
export function sortedBySku(items: readonly Item[]): readonly Item[] {
  return items.toSorted((left, right) => (left.sku < right.sku ? -1 : left.sku > right.sku ? 1 : 0))
}

/**
 * Hashes a request, SHA-256 in hexadecimal, to distinguish a repetition from another request with the same key. Covers
 * the parsed body with its items in order, so that white space and the order of fields or items make no difference.
 * Optional fields count only where they were sent, so that hashes of stored orders stay valid when the contract gains
 * one.
 */
export function requestHashOf({ items, email, paymentMethod, currency, ...later }: OrderRequest): string {
  const lines = sortedBySku(items).map(({ sku, quantity, priceMinor }) => [sku, quantity, priceMinor ?? null])
  const sent = Object.entries<unknown>(later).filter(([, value]) => value !== undefined)
  const parts = [...(currency === undefined ? [] : [currency]), ...sent.toSorted(([a], [b]) => (a < b ? -1 : 1))]
  return hash('sha256', JSON.stringify([lines, email, paymentMethod, ...parts]))
}
