import type { CatalogueBody, CatalogueItem } from '@floodgate/contracts'
import { withTransaction } from '@floodgate/database'
import type { Pool, PoolClient } from 'pg'
import { checkEdit, type EditRejection, type LedgerRow, withTotalsRaised } from './check-edit.ts'

export interface StoredCatalogue {
  readonly sale: string
  readonly version: number
  readonly currency: string
  /** How long after its confirmation a buyer may cancel an order; 0: not at all. */
  readonly cancelWithinSeconds: number
  readonly items: readonly CatalogueItem[]
}

export type SaveOutcome =
  | { readonly kind: 'saved'; readonly created: boolean; readonly catalogue: StoredCatalogue }
  | SaveRejection

export type SaveRejection =
  | EditRejection
  /** The current version is not the one that the change was made for. */
  | { readonly kind: 'catalogue-changed' }

const ITEM_KEYS = ['sku', 'name', 'listPriceMinor', 'salePriceMinor', 'total', 'perBuyerLimit'] as const

interface Edit {
  readonly sale: string
  readonly body: CatalogueBody
  /**
   * Tells whether a version may be replaced; undefined: none exists. Called while the catalogue is locked against other
   * changes.
   */
  mayReplace?(version: number | undefined): boolean
  /**
   * A version that may not be replaced, but already equals the new one, counts as saved: this may be a repetition (RFC
   * 9110, 13.1.1).
   */
  readonly mayBeSaved?: boolean
  /** Raises totals that are below what is held and sold; without it they reject the change. */
  readonly raiseTotals?: boolean
}

/** Rolls the transaction back: by then a row exists even for a sale's first catalogue. */
class RejectedEdit extends Error {
  readonly rejection: SaveRejection
  constructor(rejection: SaveRejection) {
    super(rejection.kind)
    this.rejection = rejection
  }
}

/**
 * Replaces a sale's catalogue. Changes nothing when held or sold units forbid it, or when the catalogue is not the
 * expected version.
 */
export async function saveCatalogue(pool: Pool, edit: Edit): Promise<SaveOutcome> {
  try {
    return await replaceCatalogue(pool, edit)
  } catch (error) {
    if (error instanceof RejectedEdit) return error.rejection
    throw error
  }
}

const replaceCatalogue = (
  pool: Pool,
  { sale, body: given, mayReplace, mayBeSaved = false, raiseTotals = false }: Edit,
): Promise<SaveOutcome> =>
  withTransaction(pool, async (client) => {
    const { rows: created } = await client.query(
      'insert into orders.catalogues (sale, currency) values ($1, $2) on conflict do nothing returning sale',
      [sale, given.currency],
    )
    const { rows: current } = await client.query<{ version: number; currency: string }>(
      'select version, currency from orders.catalogues where sale = $1 for update',
      [sale],
    )
    const [known] = current
    if (known === undefined) throw new Error('the catalogue disappeared while it was locked')
    if (mayReplace?.(created.length > 0 ? undefined : known.version) === false) {
      const stored = mayBeSaved && created.length === 0 ? await readCatalogue(client, sale) : undefined
      if (stored === undefined || !isSame(stored, given)) throw new RejectedEdit({ kind: 'catalogue-changed' })
      return { kind: 'saved', created: false, catalogue: stored }
    }
    const { rows: ledger } = await client.query<LedgerRow>(
      `select sku, name, list_price_minor as "listPriceMinor", sale_price_minor as "salePriceMinor", total,
         per_buyer_limit as "perBuyerLimit", held, sold
       from orders.stock where sale = $1 order by sku for update`,
      [sale],
    )
    // No unit is held or released until this commits.
    const body = raiseTotals ? withTotalsRaised(ledger, given) : given
    const check = checkEdit({ currency: known.currency, ledger }, body)
    if (check.kind !== 'allowed') throw new RejectedEdit(check)
    if (body.currency !== known.currency && (await hasCampaigns(client, sale)))
      throw new RejectedEdit({ kind: 'catalogue-conflict', skus: [] })
    await writeItems(client, { sale, body, dropped: check.dropped })
    const version = created.length > 0 ? known.version : known.version + 1
    const { currency, cancelWithinSeconds = 0 } = body
    await client.query(
      `update orders.catalogues set currency = $2, version = $3, cancel_within_seconds = $4, updated_at = now()
       where sale = $1`,
      [sale, currency, version, cancelWithinSeconds],
    )
    return {
      kind: 'saved',
      created: created.length > 0,
      catalogue: { sale, version, currency, cancelWithinSeconds, items: body.items },
    }
  })

/** The amounts of campaigns of vouchers are in the currency of the catalogue. */
const hasCampaigns = async (client: PoolClient, sale: string): Promise<boolean> => {
  const { rows } = await client.query('select from orders.voucher_campaigns where sale = $1 limit 1', [sale])
  return rows.length > 0
}

const isSame = ({ currency, cancelWithinSeconds, items }: StoredCatalogue, body: CatalogueBody): boolean =>
  currency === body.currency &&
  cancelWithinSeconds === (body.cancelWithinSeconds ?? 0) &&
  items.length === body.items.length &&
  items.every((item, index) => {
    const wanted = body.items[index]
    return wanted !== undefined && ITEM_KEYS.every((key) => item[key] === wanted[key])
  })

const writeItems = async (
  client: PoolClient,
  { sale, body, dropped }: { sale: string; body: CatalogueBody; dropped: readonly string[] },
): Promise<void> => {
  await client.query('delete from orders.stock where sale = $1 and sku = any ($2::text[])', [sale, dropped])
  const { items } = body
  await client.query(
    `insert into orders.stock (sale, sku, position, name, list_price_minor, sale_price_minor, total, per_buyer_limit)
     select $1, u.sku, u.position - 1, u.name, u.list_price, u.sale_price, u.total, u.per_buyer
     from unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::int[], $7::int[])
       with ordinality as u (sku, name, list_price, sale_price, total, per_buyer, position)
     order by u.sku
     on conflict (sale, sku) do update set position = excluded.position, name = excluded.name,
       list_price_minor = excluded.list_price_minor, sale_price_minor = excluded.sale_price_minor,
       total = excluded.total, per_buyer_limit = excluded.per_buyer_limit`,
    [
      sale,
      items.map((item) => item.sku),
      items.map((item) => item.name),
      items.map((item) => item.listPriceMinor),
      items.map((item) => item.salePriceMinor),
      items.map((item) => item.total),
      items.map((item) => item.perBuyerLimit),
    ],
  )
}

/** Reads a sale's catalogue; undefined when it has none. */
export async function readCatalogue(pool: Pool | PoolClient, sale: string): Promise<StoredCatalogue | undefined> {
  const { rows } = await pool.query<StoredCatalogue>({
    name: 'read-catalogue',
    text: `select c.sale, c.version, c.currency, c.cancel_within_seconds as "cancelWithinSeconds", coalesce((
        select json_agg(json_build_object('sku', sku, 'name', name, 'listPriceMinor', list_price_minor,
          'salePriceMinor', sale_price_minor, 'total', total, 'perBuyerLimit', per_buyer_limit) order by position)
        from orders.stock s where s.sale = c.sale), '[]') as items
      from orders.catalogues c where c.sale = $1`,
    values: [sale],
  })
  return rows[0]
}
