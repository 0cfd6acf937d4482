import { hash } from 'node:crypto'
import type { OrderRequest } from '@floodgate/contracts'

type Item = OrderRequest['items'][number]

/** By code units, not by locale: the same on every machine. */
export const sortedBySku = (items: readonly Item[]): readonly Item[] =>
  items.toSorted((left, right) => (left.sku < right.sku ? -1 : left.sku > right.sku ? 1 : 0))

/**
 * SHA-256 of what was asked for, hexadecimal: tells a repetition from another request with the same key. Of the parsed
 * body with its items in order, so that neither white space nor the order of fields or items makes a difference.
 */
export const requestHashOf = (request: OrderRequest): string =>
  hash(
    'sha256',
    JSON.stringify([
      sortedBySku(request.items).map(({ sku, quantity, priceMinor }) => [sku, quantity, priceMinor ?? null]),
      request.email,
      request.paymentMethod,
      // Left out where it was not sent: the hashes of orders from before there was one stay.
      ...(request.currency === undefined ? [] : [request.currency]),
    ]),
  )
