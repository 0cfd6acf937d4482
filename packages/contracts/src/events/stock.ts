import { z } from 'zod'
import { stockLevel, supply } from '../http/stock.ts'
import { saleId, timestamp } from '../scalars.ts'
import { defineEvent } from './define-event.ts'

/** Items that one event names at most: some 100 KB with the longest SKUs. */
export const STOCK_EVENT_ITEMS_MAX = 1_000

/**
 * A reading, not a move of an aggregate: its version is the time of the reading in milliseconds. Of two readings of an
 * item the newer one counts, whatever order they arrive in.
 */
export const saleStockEvent = defineEvent({
  type: 'sale.stock.v1',
  topic: 'floodgate.stock',
  summary:
    'What a sale has left: items whose stock changed, at most twice a second, and every half minute all items, in parts. The version is the time of the reading (ms).',
  key: ({ sale }) => sale,
  data: z.strictObject({
    sale: saleId,
    supply: supply.describe('Over all items of the sale, named here or not'),
    items: z.array(stockLevel).max(STOCK_EVENT_ITEMS_MAX),
    skus: z.int().min(0).describe('Number of items that the sale has'),
    completeSince: z
      .int()
      .min(1)
      .max(Number.MAX_SAFE_INTEGER)
      .optional()
      .describe('Ends a whole reading: every item of the sale was named since this version, and others are gone'),
    at: timestamp.describe('When the stock was read'),
  }),
})
