import { withTransaction } from '@floodgate/database'
import { insertOutbox } from '@floodgate/outbox'
import type { Pool, PoolClient } from 'pg'
import { releaseCaptures } from '../capturing/capture-store.ts'
import { LEASE_SECONDS } from '../lease.ts'
import {
  type Announced,
  KINDS,
  type Kind,
  type Refund,
  type RefundKey,
  type RefundSettlement,
  refundEvent,
  TABLES,
} from './refund-tables.ts'

export interface RefundRequest {
  readonly order: string
  /** Undefined: the whole charge of an order that is over. */
  readonly part?: { readonly id: string; readonly amountMinor: number }
  readonly version: number
  readonly traceparent: string | undefined
}

/** Returns the provider's key of a refund: however often it is requested, the money is returned once. */
const refundKey = (id: string): string => `refund:${id}`

/**
 * Records requested refunds, in one transaction. A newer request retries a rejected refund, and announces a completed
 * one again, since its requester has not received that.
 */
export function requestRefunds(pool: Pool, requests: readonly RefundRequest[]): Promise<void> {
  const newest = [...new Map(requests.map((each) => [each.part?.id ?? each.order, each])).values()]
  return withTransaction(pool, async (client) => {
    for (const kind of KINDS) {
      const ofKind = newest.filter(({ part }) => (part === undefined ? 'whole' : 'part') === kind)
      if (ofKind.length > 0) await announceAgain(client, kind, await recordRequests(client, kind, ofKind))
    }
  })
}

/** Returns the ids of those that were made before. */
const recordRequests = async (
  client: PoolClient,
  kind: Kind,
  requests: readonly RefundRequest[],
): Promise<readonly string[]> => {
  const { table, id } = TABLES[kind]
  const [columns, values] = kind === 'part' ? [', id, amount_minor', ', part, amount_minor'] : ['', '']
  const { rows } = await client.query<{ id: string; status: string }>(
    `insert into ${table} as refund (order_id, key, request_version, traceparent${columns})
     select order_id, key, request_version, traceparent${values}
     from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::uuid[], $6::bigint[])
       as request (order_id, key, request_version, traceparent, part, amount_minor)
     order by coalesce(part, order_id)
     on conflict (${id}) do update set
       request_version = excluded.request_version,
       status = case refund.status when 'refused' then 'requested' else refund.status end,
       due_at = now(), updated_at = now()
     where refund.request_version < excluded.request_version
     returning ${id} as id, status`,
    [
      requests.map(({ order }) => order),
      requests.map(({ order, part }) => refundKey(part?.id ?? order)),
      requests.map(({ version }) => version),
      requests.map(({ traceparent }) => traceparent ?? null),
      requests.map(({ part }) => part?.id ?? null),
      requests.map(({ part }) => part?.amountMinor ?? null),
    ],
  )
  return rows.filter(({ status }) => status === 'refunded').map((row) => row.id)
}

const announceAgain = async (client: PoolClient, kind: Kind, ids: readonly string[]): Promise<void> => {
  if (ids.length === 0) return
  const { table, id, amount } = TABLES[kind]
  const { rows } = await client.query<Announced & RefundKey>(
    `with refund as materialized (select * from ${table} where ${id} = any ($1::uuid[])), locked as materialized (
       select order_id from payments.charges where order_id in (select order_id from refund) order by order_id for no key update
     ), raised as (
       update payments.charges charge set version = charge.version + (select count(*) from refund where refund.order_id = charge.order_id)
       from locked where charge.order_id = locked.order_id
       returning charge.*
     )
     select charge.order_id as "orderId", charge.sale, ${amount} as "amountMinor", charge.currency,
       charge.provider_charge_id as "chargeId", refund.traceparent, refund.${id} as id,
       (charge.version + 1 - row_number() over (partition by charge.order_id order by refund.${id} desc))::int as version
     from raised charge join refund using (order_id) order by charge.order_id, version`,
    [ids],
  )
  await insertOutbox(
    client,
    'payments',
    rows.map((row) => refundEvent({ ...row, kind }, { kind: 'refunded' }, row)),
  )
}

/** Makes requested refunds due at once, by their ids: the process that leased them no longer works on them. */
export async function giveBackRefunds(pool: Pool, ids: readonly string[]): Promise<void> {
  for (const kind of KINDS) {
    const { table, id } = TABLES[kind]
    await pool.query(
      `with locked as materialized (
         select ${id} as id from ${table} where ${id} = any ($1::uuid[]) and status = 'requested'
         order by ${id} for no key update
       )
       update ${table} refund set due_at = now() from locked where refund.${id} = locked.id`,
      [ids],
    )
  }
}

/** Returns the kinds with a refund that is due. */
const dueKinds = async (pool: Pool, all: boolean): Promise<readonly Kind[]> => {
  const isDue = (kind: Kind) => `select '${kind}' as kind where exists (
    select from ${TABLES[kind].table} where status = 'requested' and (due_at <= now() or $1))`
  const { rows } = await pool.query<{ kind: Kind }>(KINDS.map(isDue).join(' union all '), [all])
  return rows.map(({ kind }) => kind)
}

interface Claim {
  readonly max: number
  readonly all: boolean
  onLost(ids: readonly string[]): void
}

/** Leases refunds that are due, as `claimOpenCharges` does charges. */
export async function claimRefunds(pool: Pool, claim: Claim): Promise<Refund[]> {
  const claimed: Refund[] = []
  for (const kind of await dueKinds(pool, claim.all)) {
    const max = claim.max - claimed.length
    if (max > 0) claimed.push(...(await claimOfKind(pool, kind, { ...claim, max })))
  }
  return claimed
}

const claimOfKind = async (pool: Pool, kind: Kind, claim: Claim): Promise<readonly Refund[]> => {
  let taken: readonly Refund[] = []
  try {
    return await withTransaction(pool, async (client) => {
      taken = await claimDue(client, kind, claim)
      return taken
    })
  } catch (error) {
    claim.onLost(taken.map(({ id }) => id))
    throw error
  }
}

const claimDue = async (client: PoolClient, kind: Kind, { max, all }: Claim): Promise<readonly Refund[]> => {
  const { table, id, amount } = TABLES[kind]
  const { rows } = await client.query<Omit<Refund, 'kind'>>(
    `with refund as (
       update ${table} set due_at = now() + make_interval(secs => $2)
       where ${id} in (
         select ${id} from ${table} where status = 'requested' and (due_at <= now() or $3)
         order by due_at limit $1 for no key update skip locked
       )
       returning *
     )
     select refund.${id} as id, charge.order_id as "orderId", refund.key, refund.tries, refund.provider_refund_id as reference, refund.traceparent, charge.sale,
       ${amount} as "amountMinor", charge.currency, charge.status as "chargeStatus", charge.provider_charge_id as "chargeId", refund.created_at as "requestedAt",
       charge.amount_minor as "chargedMinor", capture.status as "captureStatus", refund.due_at as "dueAt",
       (select coalesce(sum(amount_minor), 0)::bigint from payments.part_refunds where order_id = charge.order_id) as "requestedMinor"
     from refund join payments.charges charge using (order_id) left join payments.captures capture using (order_id)`,
    [max, LEASE_SECONDS, all],
  )
  return rows.map((row) => ({ ...row, kind }))
}

/**
 * Records the outcome of a refund and announces it in the refund's trace context, in one transaction; a settled one is
 * unchanged.
 */
export function settleRefund(pool: Pool, refund: Refund, settlement: RefundSettlement): Promise<void> {
  const { table, id } = TABLES[refund.kind]
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ version: number }>(
      `with settled as (
         update ${table} set status = $2, provider_refund_id = $3, reason = $4, updated_at = now()
         where ${id} = $1 and status = 'requested' returning order_id
       )
       update payments.charges charge set version = version + 1
       from settled where charge.order_id = settled.order_id
       returning charge.version`,
      [
        refund.id,
        settlement.kind,
        settlement.kind === 'refunded' ? settlement.refundId : null,
        settlement.kind === 'refused' ? settlement.reason : null,
      ],
    )
    if (settlement.kind === 'refunded' && refund.captureStatus === 'refused')
      await releaseCaptures(client, [refund.orderId])
    await insertOutbox(
      client,
      'payments',
      rows.map(({ version }) => refundEvent(refund, settlement, { version, traceparent: refund.traceparent })),
    )
  })
}

/**
 * Leaves a refund to a later round. It is due at once where something has happened since, such as a hint of the provider.
 * `tries`: rounds before this one that count for its pause. `reference`: the provider's id of one that it has as pending.
 */
export async function postponeRefund(
  pool: Pool,
  { kind, id, dueAt }: RefundKey & Pick<Refund, 'dueAt'>,
  { afterMs, tries, reference }: Pick<Refund, 'tries' | 'reference'> & { readonly afterMs: number },
): Promise<void> {
  await pool.query(
    `update ${TABLES[kind].table} set tries = $5 + 1, updated_at = now(), provider_refund_id = coalesce($3, provider_refund_id),
       due_at = case when due_at = $4 then now() + make_interval(secs => $2::float8 / 1000) else now() end
     where ${TABLES[kind].id} = $1 and status = 'requested'`,
    [id, afterMs, reference, dueAt, tries],
  )
}
