import { createMicroBatcher } from '@floodgate/async'
import type { VoucherState } from '@floodgate/contracts'
import type { Pool, PoolClient } from 'pg'
import { CAMPAIGN_COLUMNS, type Campaign } from './campaign.ts'

/** A buyer and a campaign: at most one voucher. */
export interface VoucherKey {
  readonly campaign: string
  readonly buyer: string
}

export interface StoredVoucher {
  readonly state: VoucherState
  readonly order: string | null
  readonly issuedAt: Date
}

/** What Postgres has of a buyer's claim. */
export interface FoundVoucher {
  /** Undefined: the buyer has none. */
  readonly voucher: StoredVoucher | undefined
  /** Undefined: the sale has no such campaign. */
  readonly campaign: Campaign | undefined
  /** Tells whether the campaign is valid now, by Postgres' clock. */
  readonly isValid: boolean
}

interface Row extends Campaign {
  readonly state: VoucherState | null
  readonly order: string | null
  readonly issuedAt: Date
  readonly isValid: boolean
}

/** Finds buyers' vouchers of a sale, with their campaigns, in the order of the keys. */
export async function findVouchers(
  pool: Pool | PoolClient,
  sale: string,
  keys: readonly VoucherKey[],
): Promise<readonly FoundVoucher[]> {
  const { rows } = await pool.query<Row>({
    name: 'find-vouchers',
    text: `select v.state, v.order_id as "order", v.issued_at as "issuedAt", ${CAMPAIGN_COLUMNS},
        coalesce(c.valid_from <= now(), true) and coalesce(now() < c.valid_until, true) as "isValid"
      from unnest($2::text[], $3::text[]) with ordinality as wanted (campaign, buyer, position)
      left join orders.vouchers v on v.sale = $1 and v.buyer = wanted.buyer and v.campaign = wanted.campaign
        and v.buyer = any ($3::text[])
      left join orders.voucher_campaigns c on c.sale = $1 and c.id = wanted.campaign
      order by wanted.position`,
    values: [sale, keys.map(({ campaign }) => campaign), keys.map(({ buyer }) => buyer)],
  })
  return rows.map(({ state, order, issuedAt, isValid, ...campaign }) => ({
    voucher: state === null ? undefined : { state, order, issuedAt },
    campaign: campaign.campaign === null ? undefined : campaign,
    isValid,
  }))
}

const KEYS_PER_QUERY = 200

/** Finds a buyer's voucher; those requested in one turn of the event loop share a statement per sale. */
export type FindVoucher = (wanted: VoucherKey & { readonly sale: string }) => Promise<FoundVoucher>

export function createFindVoucher(pool: Pool): FindVoucher {
  const findInBatch = createMicroBatcher<VoucherKey, FoundVoucher>({
    itemsMax: KEYS_PER_QUERY,
    send: (sale, keys) => findVouchers(pool, sale, keys),
  })
  return function findVoucher({ sale, campaign, buyer }) {
    return findInBatch(sale, { campaign, buyer })
  }
}
