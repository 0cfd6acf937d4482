import type { FloodgateEvent } from '@floodgate/contracts'
import type { Pool } from 'pg'

/** What the core stores of a sale. */
export interface KnownSale {
  readonly id: string
  readonly name: string
  /** Language of all pages and mails of the sale; null: each buyer's own. */
  readonly language: string | null
  readonly state: string
  readonly opensAt: string | null
  readonly closesAt: string | null
  readonly version: number
  /** When it closed; earlier admissions may order until they expire (ADR 0036). */
  readonly closedAt: string | null
  /** The newest version of the batch that was not closed, 0 for none: an earlier close no longer counts. */
  readonly openVersion: number
}

type SaleEvent = Exclude<Extract<FloodgateEvent, { type: `sale.${string}` }>, { type: 'sale.stock.v1' }>

const isSaleEvent = (event: FloodgateEvent): event is SaleEvent =>
  event.type.startsWith('sale.') && event.type !== 'sale.stock.v1'

/**
 * Returns the newest state of each sale of a batch, sorted by sale. `closedAt` is when the batch first reported it
 * closed.
 */
export function salesOfEvents(events: readonly FloodgateEvent[]): KnownSale[] {
  const sales = new Map<string, KnownSale>()
  for (const { data, aggregateVersion: version } of events.filter(isSaleEvent)) {
    const known = sales.get(data.sale)
    if (known !== undefined && known.version >= version) continue
    const isClosed = data.state === 'closed'
    const closedAt = isClosed ? (known?.closedAt ?? data.at) : null
    const openVersion = isClosed ? (known?.openVersion ?? 0) : version
    const { name, language = null, state, opensAt, closesAt } = data
    sales.set(data.sale, { id: data.sale, name, language, state, opensAt, closesAt, version, closedAt, openVersion })
  }
  return [...sales.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Stores sales; a version that is not newer than the stored one changes nothing. */
export async function rememberSales(pool: Pool, sales: readonly KnownSale[]): Promise<void> {
  if (sales.length === 0) return
  await pool.query({
    name: 'remember-sales',
    text: `
      with told as (
        select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::int[], $6::timestamptz[],
          $7::int[], $8::text[], $9::text[])
          as told (id, state, opens_at, closes_at, version, closed_at, open_version, name, language))
      insert into orders.sales (id, name, language, state, opens_at, closes_at, version, closed_at)
      select told.id, told.name, told.language, told.state, told.opens_at, told.closes_at, told.version, told.closed_at from told
      on conflict (id) do update set
        name = excluded.name, language = excluded.language, state = excluded.state, opens_at = excluded.opens_at, closes_at = excluded.closes_at,
        version = excluded.version, updated_at = now(),
        -- The first word of the end counts, whatever is said about a closed sale later, until it is reopened.
        closed_at = case
          when excluded.closed_at is null then null
          when sales.version < (select open_version from told where told.id = sales.id) then excluded.closed_at
          else coalesce(sales.closed_at, excluded.closed_at) end
      where sales.version < excluded.version`,
    values: [
      sales.map((sale) => sale.id),
      sales.map((sale) => sale.state),
      sales.map((sale) => sale.opensAt),
      sales.map((sale) => sale.closesAt),
      sales.map((sale) => sale.version),
      sales.map((sale) => sale.closedAt),
      sales.map((sale) => sale.openVersion),
      sales.map((sale) => sale.name),
      sales.map((sale) => sale.language),
    ],
  })
}
