import { isDeepStrictEqual } from 'node:util'
import { CAMPAIGNS_MAX, type VoucherCampaignBody } from '@floodgate/contracts'
import { withTransaction } from '@floodgate/database'
import type { Pool, PoolClient } from 'pg'
import { CAMPAIGN_COLUMNS, type Campaign } from './campaign.ts'
import { type CampaignRejection, checkCampaign } from './check-campaign.ts'

export type SaveOutcome =
  | { readonly kind: 'saved'; readonly created: boolean }
  | CampaignRejection
  /** The sale has no catalogue. */
  | { readonly kind: 'not-found' }
  | { readonly kind: 'campaigns-full' }
  /** The current version is not the one that the change was made for. */
  | { readonly kind: 'campaign-changed' }

interface Edit {
  readonly sale: string
  readonly campaign: string
  readonly body: VoucherCampaignBody
  /** Tells whether a version may be replaced; undefined: none exists. Called while the campaign is locked. */
  mayReplace?(version: number | undefined): boolean
  /**
   * A version that may not be replaced, but already equals the new one, counts as saved: this may be a repetition (RFC
   * 9110, 13.1.1).
   */
  readonly mayBeSaved?: boolean
}

/**
 * Creates or changes a campaign, unless it is not the expected version. Changes of one sale follow each other, and its
 * currency stays meanwhile: the catalogue's row is locked.
 */
export function saveCampaign(pool: Pool, edit: Edit): Promise<SaveOutcome> {
  const { sale, campaign, body, mayReplace, mayBeSaved = false } = edit
  return withTransaction(pool, async (client): Promise<SaveOutcome> => {
    const catalogue = await client.query('select from orders.catalogues where sale = $1 for no key update', [sale])
    if (catalogue.rowCount === 0) return { kind: 'not-found' }
    // The row lock keeps claims waiting: what is issued stays as it is checked.
    const { rows } = await client.query<Campaign>(
      `select ${CAMPAIGN_COLUMNS} from orders.voucher_campaigns c where c.sale = $1 and c.id = $2 for no key update`,
      [sale, campaign],
    )
    const [known] = rows
    if (mayReplace?.(known?.version) === false) {
      const isSaved = mayBeSaved && known !== undefined && isSame(known, body)
      return isSaved ? { kind: 'saved', created: false } : { kind: 'campaign-changed' }
    }
    if (known === undefined && (await countCampaigns(client, sale)) >= CAMPAIGNS_MAX) return { kind: 'campaigns-full' }
    const rejection = known === undefined ? undefined : checkCampaign(known, body)
    if (rejection !== undefined) return rejection
    await writeCampaign(client, edit)
    return { kind: 'saved', created: known === undefined }
  })
}

function isSame(known: Campaign, body: VoucherCampaignBody): boolean {
  return (
    known.name === body.name &&
    known.total === body.total &&
    known.minimumMinor === body.minimumMinor &&
    isDeepStrictEqual(known.discount, body.discount) &&
    (known.validFrom?.toISOString() ?? null) === body.validFrom &&
    (known.validUntil?.toISOString() ?? null) === body.validUntil
  )
}

async function countCampaigns(client: PoolClient, sale: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    'select count(*)::int as count from orders.voucher_campaigns where sale = $1',
    [sale],
  )
  return rows[0]?.count ?? 0
}

async function writeCampaign(client: PoolClient, { sale, campaign, body }: Edit): Promise<void> {
  const { discount } = body
  const isFixed = discount.kind === 'fixed'
  await client.query(
    `insert into orders.voucher_campaigns as c
       (sale, id, name, kind, amount_minor, percent, cap_minor, minimum_minor, valid_from, valid_until, total)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     on conflict (sale, id) do update set name = excluded.name, kind = excluded.kind,
       amount_minor = excluded.amount_minor, percent = excluded.percent, cap_minor = excluded.cap_minor,
       minimum_minor = excluded.minimum_minor, valid_from = excluded.valid_from, valid_until = excluded.valid_until,
       total = excluded.total, updated_at = greatest(clock_timestamp(), c.updated_at + interval '1 ms')`,
    [
      ...[sale, campaign, body.name, discount.kind],
      isFixed ? discount.amountMinor : null,
      isFixed ? null : discount.percent,
      isFixed ? null : (discount.capMinor ?? null),
      ...[body.minimumMinor, body.validFrom, body.validUntil, body.total],
    ],
  )
}

/** The campaigns of a sale, and the currency of their amounts. */
export interface SaleCampaigns {
  readonly currency: string
  readonly campaigns: readonly Campaign[]
}

/** Reads a sale's campaigns, by id; undefined when it has no catalogue. */
export async function readCampaigns(pool: Pool, sale: string): Promise<SaleCampaigns | undefined> {
  const { rows } = await pool.query<Campaign & { currency: string }>({
    name: 'read-campaigns',
    text: `select catalogues.currency, ${CAMPAIGN_COLUMNS}
      from orders.catalogues left join orders.voucher_campaigns c using (sale)
      where catalogues.sale = $1 order by c.id`,
    values: [sale],
  })
  const [first] = rows
  if (first === undefined) return undefined
  return { currency: first.currency, campaigns: rows.filter(({ campaign }) => campaign !== null) }
}

/** Counts the vouchers of a sale's campaigns that orders reserved or used. */
export async function countApplied(
  pool: Pool,
  sale: string,
): Promise<ReadonlyMap<string, { readonly reserved: number; readonly used: number }>> {
  const { rows } = await pool.query<{ campaign: string; reserved: number; used: number }>({
    name: 'count-applied-vouchers',
    text: `select campaign, count(*) filter (where state = 'reserved')::int as reserved,
        count(*) filter (where state = 'used')::int as used
      from orders.vouchers where sale = $1 and order_id is not null group by campaign`,
    values: [sale],
  })
  return new Map(rows.map(({ campaign, reserved, used }) => [campaign, { reserved, used }]))
}
