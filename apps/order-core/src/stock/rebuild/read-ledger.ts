import type { PoolClient } from 'pg'

export interface LedgerItem {
  readonly sku: string
  readonly salePriceMinor: number
  readonly perBuyerLimit: number
  readonly total: number
  readonly held: number
  readonly sold: number
}

/**
 * JSON fragments as written to Redis. Postgres composes them, since a hundred thousand rows of single values keep this
 * process and its garbage collector busy.
 */
type Json = string

/** A pending order. */
export interface LedgerOrder {
  /** "order","entry" of the hash `ledger` */
  readonly ledger: Json
  /** "slot","order" */
  readonly slot: Json
  /** "deadline","order" */
  readonly hold: Json
}

const ROWS_PER_PAGE = 2_000

export interface Snapshot {
  /** When the snapshot began, by Postgres' clock (ms). */
  readonly beganAtMs: number
  /** Reads the catalogue's version and currency, and what is held and sold. Version 0: there is none yet. */
  readStock(): Promise<{ version: number; currency: string; items: readonly LedgerItem[] }>
  /** Reads slots whose admissions were revoked, as "expiry of the admission","slot", page by page. */
  readBarred(): AsyncGenerator<readonly { readonly json: Json }[]>
  /** Reads the ids of the corrections that the stock includes, page by page. */
  readCorrected(): AsyncGenerator<readonly { readonly json: Json }[]>
  /** Reads campaigns of vouchers: "campaign","version|total|from|until", and "campaign","issued". */
  readCampaigns(): Promise<readonly { readonly terms: Json; readonly claimed: Json }[]>
  /** Reads the buyers who have a voucher, as "campaign|buyer",1, page by page. */
  readClaims(): AsyncGenerator<readonly { readonly json: Json }[]>
  /** Reads the pending orders, page by page. */
  readOrders(): AsyncGenerator<readonly LedgerOrder[]>
}

/**
 * Reads a sale's ledger for a rebuild, as of one moment, whatever is committed meanwhile. Rows come through cursors:
 * pages by key scanned the index of all sales.
 */
export async function withSnapshot<Result>(
  client: PoolClient,
  sale: string,
  read: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> {
  await client.query('begin isolation level repeatable read read only')
  // Plans are for all rows, and compiling them does not pay.
  await client.query("set local work_mem = '64MB'; set local cursor_tuple_fraction = 1; set local jit = off")
  const { rows } = await client.query<{ beganAt: Date }>('select now() as "beganAt"')
  const result = await read({
    beganAtMs: rows[0]?.beganAt.getTime() ?? 0,
    readStock: () => readStock(client, sale),
    readBarred: () => readPages<{ json: Json }>(client, REVOKED, [sale]),
    readCorrected: () => readPages<{ json: Json }>(client, CORRECTED, [sale]),
    readCampaigns: async () => (await client.query<{ terms: Json; claimed: Json }>(CAMPAIGNS, [sale])).rows,
    readClaims: () => readPages<{ json: Json }>(client, CLAIMS, [sale]),
    readOrders: () => readPages<LedgerOrder>(client, ORDERS, [sale]),
  })
  await client.query('commit')
  return result
}

/** Until the admissions have expired by any clock. */
const REVOKED = `
  select '"' || floor(extract(epoch from pass_expires_at) * 1000)::bigint || '",' || to_json(slot)::text as json
  from orders.revocations where sale = $1 and pass_expires_at > now() - interval '1 hour'`

const CORRECTED = `
  select '"' || id || '"' as json from orders.orders where sale = $1 and revived_at is not null
  union all
  select '"' || id || '"' from orders.refunds where sale = $1 and restock`

const CAMPAIGNS = `
  select
    '"' || id || '","' || concat_ws('|', (extract(epoch from updated_at) * 1000)::bigint, total,
      coalesce((extract(epoch from valid_from) * 1000)::bigint::text, ''),
      coalesce((extract(epoch from valid_until) * 1000)::bigint::text, '')) || '"' as terms,
    '"' || id || '",' || issued as claimed
  from orders.voucher_campaigns where sale = $1`

const CLAIMS = `select to_json(campaign || '|' || buyer)::text || ',1' as json from orders.vouchers where sale = $1`

const ORDERS = `
  select
    '"' || id || '",' || to_json(json_build_array(buyer, slot, (
      select coalesce(string_agg(sku || '|' || quantity || '|' || price_minor, ',' order by position), '')
      from orders.order_lines where order_id = o.id))::text)::text as ledger,
    to_json(slot)::text || ',"' || id || '"' as slot,
    '"' || floor(extract(epoch from hold_expires_at) * 1000)::bigint || '","' || id || '"' as hold
  from orders.orders o where sale = $1 and status = 'pending'`

async function readStock(client: PoolClient, sale: string) {
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

/** Reads one page after the other: a rebuild that keeps Postgres and Redis busy at once slows down every other sale. */
async function* readPages<Row extends object>(
  client: PoolClient,
  text: string,
  values: readonly unknown[],
): AsyncGenerator<readonly Row[]> {
  await client.query(`declare pages no scroll cursor for ${text}`, [...values])
  for (;;) {
    const { rows } = await client.query<Row>(`fetch ${ROWS_PER_PAGE} from pages`)
    if (rows.length === 0) break
    yield rows
  }
  await client.query('close pages')
}
