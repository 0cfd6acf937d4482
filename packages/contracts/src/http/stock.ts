import { z } from 'zod'
import { saleId, sku, timestamp } from '../scalars.ts'

const units = z.int().min(0).max(1_000_000_000)
const version = z.int().min(1).max(Number.MAX_SAFE_INTEGER)

/**
 * What a sale has left, over all of its items. `held`: other buyers hold the rest, which may come back. `sold-out`: all
 * units are sold.
 */
export const supply = z.enum(['available', 'held', 'sold-out'])
export type Supply = z.infer<typeof supply>

/** One item: units that can be ordered now, and units that are not sold, held ones included. */
export const stockLevel = z.strictObject({ sku, available: units, unsold: units })
export type StockLevel = z.infer<typeof stockLevel>

const boardItem = z.strictObject({
  sku,
  available: units.describe('Units that nobody holds'),
  soldOut: z.boolean().describe('Everything is sold. False with `available: 0`: other buyers hold the rest'),
})
export type StockBoardItem = z.infer<typeof boardItem>

const standing = {
  version: version.describe('Rises with each change'),
  supply: supply.describe(
    'Over all items. `held`: other buyers hold the rest, which may come back. `sold-out`: all units are sold',
  ),
  at: timestamp.describe('When the stock was read; renewed every half minute while the sale lasts'),
}

/** The stock of a sale, for any number of readers behind a cache. */
export const stockBoard = z.strictObject({ sale: saleId, ...standing, items: z.array(boardItem) })
export type StockBoard = z.infer<typeof stockBoard>

/** A message of the stock's socket: what changed between two versions. */
export const stockChange = z.strictObject({
  ...standing,
  after: z
    .int()
    .min(0)
    .nullable()
    .describe(
      'The items are complete for a reader that has this version or a newer one. Null: read the board, too much has changed',
    ),
  items: z.array(boardItem).describe('With their new values. An item that left the catalogue is sold out'),
})
export type StockChange = z.infer<typeof stockChange>
