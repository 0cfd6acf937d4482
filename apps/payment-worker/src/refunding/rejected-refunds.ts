import type { RefundAtProvider } from '@floodgate/contracts'
import { withTransaction } from '@floodgate/database'
import { insertOutbox } from '@floodgate/outbox'
import type { Pool, PoolClient } from 'pg'
import { type Announced, KINDS, type Kind, refundEvent, TABLES } from './refund-tables.ts'

/** Stands as the reason of a refund that an operator made: the provider's own have none. */
const BY_HAND = 'made by hand'

const columnsOf = (kind: Kind) => `
  refund.${TABLES[kind].id} as id, refund.order_id as "order", charge.sale, ${TABLES[kind].amount} as "amountMinor", charge.currency,
  refund.status, refund.reason, refund.provider_refund_id as reference, refund.created_at as "requestedAt",
  refund.updated_at as "updatedAt"`

type Row = Omit<RefundAtProvider, 'requestedAt' | 'updatedAt'> & {
  readonly requestedAt: Date
  readonly updatedAt: Date
}

const resourceOf = ({ requestedAt, updatedAt, ...row }: Row): RefundAtProvider => ({
  ...row,
  requestedAt: requestedAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
})

/** Lists refunds that the provider rejected, the longest waiting first. */
export async function listRejectedRefunds(pool: Pool, max: number): Promise<readonly RefundAtProvider[]> {
  const listed = await Promise.all(
    KINDS.map((kind) =>
      pool.query<Row>(
        `select ${columnsOf(kind)} from ${TABLES[kind].table} refund join payments.charges charge using (order_id)
         where refund.status = 'refused' order by refund.updated_at limit $1`,
        [max],
      ),
    ),
  )
  return listed
    .flatMap(({ rows }) => rows.map(resourceOf))
    .toSorted((one, other) => one.updatedAt.localeCompare(other.updatedAt))
    .slice(0, max)
}

export type MadeByHand =
  | { readonly kind: 'made' | 'repeated'; readonly refund: RefundAtProvider }
  | { readonly kind: 'unknown' }
  /** The provider made it, it is in progress, or it was made by hand with another reference. */
  | { readonly kind: 'not-rejected'; readonly refund: RefundAtProvider }

/**
 * Records that an operator made a rejected refund by hand, and announces it as made, in one transaction. From then on no
 * request reaches the provider: a later one only announces it again. Any refund that is not rejected stays as it is.
 */
export function makeByHand(pool: Pool, { id, reference }: { id: string; reference: string }): Promise<MadeByHand> {
  return withTransaction(pool, async (client) => {
    for (const kind of KINDS) {
      const known = await lockRefund(client, kind, id)
      if (known === undefined) continue
      if (known.status !== 'refused') {
        const isSame = known.reason === BY_HAND && known.reference === reference
        return { kind: isSame ? 'repeated' : 'not-rejected', refund: known }
      }
      await settle(client, kind, { id, reference })
      const made = await lockRefund(client, kind, id)
      if (made === undefined) throw new Error('the refund disappeared while it was locked')
      return { kind: 'made', refund: made }
    }
    return { kind: 'unknown' }
  })
}

async function lockRefund(client: PoolClient, kind: Kind, id: string): Promise<RefundAtProvider | undefined> {
  const { rows } = await client.query<Row>(
    `select ${columnsOf(kind)} from ${TABLES[kind].table} refund join payments.charges charge using (order_id)
     where refund.${TABLES[kind].id} = $1 for no key update of refund`,
    [id],
  )
  return rows[0] && resourceOf(rows[0])
}

async function settle(client: PoolClient, kind: Kind, { id, reference }: { id: string; reference: string }) {
  const { table, id: key, amount } = TABLES[kind]
  const { rows } = await client.query<Announced>(
    `with refund as (
       update ${table} set status = 'refunded', provider_refund_id = $2, reason = $3, updated_at = now()
       where ${key} = $1 and status = 'refused' returning *
     )
     update payments.charges charge set version = charge.version + 1
     from refund where charge.order_id = refund.order_id
     returning charge.order_id as "orderId", charge.sale, ${amount} as "amountMinor", charge.currency,
       charge.provider_charge_id as "chargeId", charge.version, refund.traceparent`,
    [id, reference, BY_HAND],
  )
  await insertOutbox(
    client,
    'payments',
    rows.map((row) => refundEvent({ ...row, kind, id }, { kind: 'refunded' }, row)),
  )
}
