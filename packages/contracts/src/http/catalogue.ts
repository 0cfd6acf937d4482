import { z } from 'zod'
import { activeCurrency, currency, minorUnits, saleId, sku, text } from '../scalars.ts'

const units = z.int().min(0).max(1_000_000_000)

export const catalogueItem = z.strictObject({
  sku,
  name: text(200),
  listPriceMinor: minorUnits,
  salePriceMinor: minorUnits,
  total: units,
  perBuyerLimit: z.int().min(1).max(1_000_000),
})
export type CatalogueItem = z.infer<typeof catalogueItem>

export const CATALOGUE_ITEMS_MAX = 10_000

const CANCEL_WITHIN_SECONDS_MAX = 90 * 86_400
const cancelWithinSeconds = z
  .int()
  .min(0)
  .max(CANCEL_WITHIN_SECONDS_MAX)
  .optional()
  .describe(
    'How long after its confirmation a buyer may cancel an order and gets the money back. Absent or 0: not at all',
  )

export const catalogueBody = z.strictObject({
  currency: activeCurrency,
  cancelWithinSeconds,
  items: z.array(catalogueItem).min(1).max(CATALOGUE_ITEMS_MAX),
})
export type CatalogueBody = z.infer<typeof catalogueBody>

/** The operator's view, which `PUT` also returns. */
export const catalogueResource = z.strictObject({
  sale: saleId,
  currency,
  cancelWithinSeconds,
  items: z.array(catalogueItem),
})
export type CatalogueResource = z.infer<typeof catalogueResource>

/**
 * The buyers' view. `soldOut`: everything is sold, unlike `available: 0`, where others hold the rest. Neither is final:
 * an operator adds units, and orders are cancelled.
 */
export const publicCatalogue = z.strictObject({
  sale: saleId,
  currency,
  cancelWithinSeconds,
  items: z.array(
    z.strictObject({
      sku,
      name: z.string(),
      listPriceMinor: minorUnits,
      salePriceMinor: minorUnits,
      perBuyerLimit: z.int(),
      total: units,
      available: units,
      soldOut: z.boolean(),
    }),
  ),
})
export type PublicCatalogue = z.infer<typeof publicCatalogue>
