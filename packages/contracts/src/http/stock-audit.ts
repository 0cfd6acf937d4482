import { z } from 'zod'
import { campaignId, sku } from '../scalars.ts'

const units = z.int().min(0).max(1_000_000_000)
const EXAMPLES_MAX = 10

const stockFigures = z.strictObject({ available: z.int(), held: z.int(), sold: z.int() })

/** Redis and Postgres side by side. */
export const stockAudit = z.strictObject({
  agree: z.boolean(),
  skus: z.array(z.strictObject({ sku, total: units, agree: z.boolean(), redis: stockFigures, postgres: stockFigures })),
  vouchers: z
    .array(
      z.strictObject({
        campaign: campaignId,
        total: units,
        agree: z.boolean(),
        claimed: z.int().describe('Vouchers that Redis counts, those on their way into the ledger included'),
        issued: units.describe('Vouchers in the ledger'),
      }),
    )
    .optional()
    .describe('The campaigns of the sale. Absent in responses of an older process'),
})
export type StockAudit = z.infer<typeof stockAudit>

/** One kind of difference within the ledger. */
export const ledgerFinding = z.strictObject({
  what: z
    .enum(['items', 'limits', 'amounts', 'refunds', 'refunded-units', 'campaigns', 'vouchers'])
    .describe(
      '`items`: held or sold units are not those of the orders. `limits`: nor are the units of a buyer. `amounts`: an order does not cost its items without its discount. `refunds`: an order does not count its refunds, or more than was paid. `refunded-units`: more units are refunded than were bought. `campaigns`: a campaign does not count its vouchers. `vouchers`: a voucher and its order are out of step',
    ),
  count: z.int().min(1),
  examples: z.array(z.string()).max(EXAMPLES_MAX).describe('SKUs, campaigns or ids of orders'),
})

/** What the ledger counts beside its orders, refunds and vouchers. */
export const ledgerCheck = z.strictObject({
  ok: z.boolean(),
  ordersDeleted: z.boolean().describe('The orders of the sale may have been deleted: nothing was compared'),
  findings: z.array(ledgerFinding),
})
export type LedgerCheck = z.infer<typeof ledgerCheck>
