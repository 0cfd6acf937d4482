import type { PoolClient } from 'pg'
import type { HoldLine } from './hold.ts'

export interface LedgerItem {
  readonly sku: string
  readonly salePriceMinor: number
  readonly perBuyerLimit: number
  readonly total: number
  readonly held: number
  readonly sold: number
}

export interface LedgerHold {
  readonly id: string
  readonly status: 'pending' | 'confirmed' | 'cancelled' | 'refund_pending' | 'refunded' | 'refund_parked'
  readonly cancelReason: string | null
  readonly requestHash: string
  readonly buyer: string
  readonly slot: string
  readonly currency: string
  readonly holdExpiresAt: Date
  /** Of pending orders only: the others' units are paid back. */
  readonly lines: readonly HoldLine[] | null
}

const ORDERS_PER_PAGE = 2_000
const UNITS_PER_PAGE = 5_000

/** The catalogue's version and currency, and what is held and sold. Version 0: there is none yet. */
export const readStock = async (client: PoolClient, sale: string) => {
  const catalogue = await client.query<{ version: number; currency: string }>(
    'select version, currency from orders.catalogues where sale = $1',
    [sale],
  )
  const items = await client.query<LedgerItem>(
    `select sku, sale_price_minor as "salePriceMinor", per_buyer_limit as "perBuyerLimit", total, held, sold
     from orders.stock where sale = $1 order by position`,
    [sale],
  )
  return { version: catalogue.rows[0]?.version ?? 0, currency: catalogue.rows[0]?.currency ?? '', items: items.rows }
}

/** Every buyer's units, page by page. */
export async function* readUnits(client: PoolClient, sale: string) {
  let last = { buyer: '', sku: '' }
  for (;;) {
    const { rows } = await client.query<{ buyer: string; sku: string; units: number }>(
      `select buyer, sku, units from orders.buyer_units
       where sale = $1 and (buyer, sku) > ($2, $3) order by buyer, sku limit ${UNITS_PER_PAGE}`,
      [sale, last.buyer, last.sku],
    )
    yield rows.filter((row) => row.units > 0)
    const end = rows.at(-1)
    if (end === undefined || rows.length < UNITS_PER_PAGE) return
    last = end
  }
}

/** Every order of the sale, page by page. */
export async function* readHolds(client: PoolClient, sale: string) {
  let last = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const { rows } = await client.query<LedgerHold>(
      `select id, status, cancel_reason as "cancelReason", request_hash as "requestHash", buyer, slot, currency,
         hold_expires_at as "holdExpiresAt",
         case when status = 'pending' then (
           select json_agg(json_build_object('sku', sku, 'quantity', quantity, 'priceMinor', price_minor) order by position)
           from orders.order_lines where order_id = o.id) end as lines
       from orders.orders o where sale = $1 and id > $2 order by id limit ${ORDERS_PER_PAGE}`,
      [sale, last],
    )
    yield rows
    const end = rows.at(-1)
    if (end === undefined || rows.length < ORDERS_PER_PAGE) return
    last = end.id
  }
}

/** Slots whose passes were revoked, until the passes have ended by any clock. */
export async function readRevoked(client: PoolClient, sale: string) {
  const { rows } = await client.query<{ slot: string; passExpiresAt: Date }>(
    `select slot, pass_expires_at as "passExpiresAt" from orders.revocations
     where sale = $1 and pass_expires_at > now() - interval '1 hour'`,
    [sale],
  )
  return rows
}
