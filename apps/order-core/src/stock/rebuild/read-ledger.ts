import type { PoolClient } from 'pg'
import { freeingReasons, HOLD_ENTRY, LEDGER_ENTRY, SLOT_ENTRY, UNITS_ENTRY } from '../ledger-entries.ts'

export interface LedgerItem {
  readonly sku: string
  readonly salePriceMinor: number
  readonly perBuyerLimit: number
  readonly total: number
  readonly held: number
  readonly sold: number
}

/** A piece of JSON as it is written to Redis; see ledger-entries.ts. */
type Json = string

export interface LedgerOrder {
  /** "order","entry" of the hash `ledger`; null: it is sold. */
  readonly ledger: Json | null
  /** "slot","order"; null: the slot is free again. */
  readonly slot: Json | null
  /** "deadline","order" of a pending order */
  readonly hold: Json | null
}

const ROWS_PER_PAGE = 1_000
const PAGES_AHEAD = 4

export interface Snapshot {
  /** When it began, by Postgres' clock (ms). */
  readonly beganAtMs: number
  /** The catalogue's version and currency, and what is held and sold. Version 0: there is none yet. */
  readStock(): Promise<{ version: number; currency: string; items: readonly LedgerItem[] }>
  /** Buyers with a pending order, page by page. */
  readBuyers(): AsyncGenerator<readonly { readonly json: Json }[]>
  /** Their units as "sku|buyer",units, page by page. */
  readUnits(): AsyncGenerator<readonly { readonly json: Json }[]>
  /** Slots whose passes were revoked, as "end of the pass","slot", page by page. */
  readBarred(): AsyncGenerator<readonly { readonly json: Json }[]>
  /** Every order of theirs, page by page. */
  readOrders(): AsyncGenerator<readonly LedgerOrder[]>
}

/**
 * Reads a sale's ledger as of one moment, whatever is committed meanwhile. Rows come through cursors, which let Postgres
 * read the heap in its own order once; pages by key walked the index of all sales and took 30 s for a tenth of the orders.
 */
export async function withSnapshot<Result>(
  client: PoolClient,
  sale: string,
  read: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> {
  await client.query('begin isolation level repeatable read read only')
  // The bitmap of a million rows stays exact, plans are for all rows, and compiling them does not pay.
  await client.query("set local work_mem = '64MB'; set local cursor_tuple_fraction = 1; set local jit = off")
  const { rows } = await client.query<{ beganAt: Date }>('select now() as "beganAt"')
  const result = await read({
    beganAtMs: rows[0]?.beganAt.getTime() ?? 0,
    readStock: () => readStock(client, sale),
    readBuyers: () => readPages<{ json: Json }>(client, BUYERS, [sale]),
    readUnits: () => readPages<{ json: Json }>(client, UNITS, [sale]),
    readBarred: () => readPages<{ json: Json }>(client, REVOKED, [sale]),
    readOrders: () => readPages<LedgerOrder>(client, ORDERS, [sale, freeingReasons]),
  })
  await client.query('commit')
  return result
}

/** Nobody else's units, slots and keys can change until load-buyers.lua has brought them. */
const OPEN_BUYERS = `select distinct buyer from orders.orders where sale = $1 and status = 'pending'`

const BUYERS = `select to_json(buyer)::text as json from (${OPEN_BUYERS}) as b`

const UNITS = `
  select ${UNITS_ENTRY} as json
  from orders.buyer_units u where u.sale = $1 and u.units > 0 and u.buyer in (${OPEN_BUYERS})`

/** Until the passes have ended by any clock. */
const REVOKED = `
  select '"' || floor(extract(epoch from pass_expires_at) * 1000)::bigint || '",' || to_json(slot)::text as json
  from orders.revocations where sale = $1 and pass_expires_at > now() - interval '1 hour'`

const ORDERS = `
  select ${LEDGER_ENTRY} as ledger, ${SLOT_ENTRY} as slot, ${HOLD_ENTRY} as hold
  from orders.orders o where o.sale = $1 and o.buyer in (${OPEN_BUYERS})`

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

/** Fetches pages while the ones before them are being used: neither Postgres nor Redis waits for the other. */
async function* readPages<Row extends object>(
  client: PoolClient,
  text: string,
  values: readonly unknown[],
): AsyncGenerator<readonly Row[]> {
  await client.query(`declare pages no scroll cursor for ${text}`, [...values])
  const fetch = async () => (await client.query<Row>(`fetch ${ROWS_PER_PAGE} from pages`)).rows
  const ahead: Promise<readonly Row[]>[] = []
  for (;;) {
    while (ahead.length < PAGES_AHEAD) {
      const next = fetch()
      // A consumer that gives up leaves it behind: its connection is closed.
      next.catch(() => undefined)
      ahead.push(next)
    }
    const page = await ahead.shift()
    if (page === undefined || page.length === 0) break
    yield page
  }
  await Promise.all(ahead)
  await client.query('close pages')
}
