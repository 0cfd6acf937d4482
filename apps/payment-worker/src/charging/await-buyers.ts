import { withTransaction } from '@floodgate/database'
import { insertOutbox } from '@floodgate/outbox'
import type { Pool } from 'pg'
import type { NeedsBuyer } from '../gateway/payment-gateway.ts'
import { type Charge, OPEN_LIST } from './charge.ts'
import { chargeColumns } from './charge-store.ts'

export interface AwaitedBuyer extends Omit<NeedsBuyer, 'kind'> {
  readonly orderId: string
  /** The proof that this round used, which is not used again. */
  readonly usedProof: string | null
  /** The `dueAt` of the charge: it is due at once where something has happened since. */
  readonly dueAt: Date
  readonly afterMs: number
  /** The trace context of its event. */
  readonly traceparent: string | null
}

/**
 * Records where buyers have to go, and announces it in the same transaction: once for each address, and not for an order
 * that is over. Such a charge is due at once, to be closed.
 */
export function awaitBuyers(pool: Pool, awaited: readonly AwaitedBuyer[]): Promise<void> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<Charge & { isNews: boolean }>({
      name: 'await-buyers',
      text: `with outcome as (
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::float8[])
           as outcome (order_id, reference, redirect_url, used_proof, due_at, after_ms)
       ), before as materialized (
         select order_id, charge.redirect_url is distinct from outcome.redirect_url and not charge.order_ended as is_news
         from payments.charges charge join outcome using (order_id)
         where charge.status in (${OPEN_LIST})
         order by order_id for no key update of charge
       )
       update payments.charges charge set
         status = 'awaiting-buyer',
         provider_charge_id = outcome.reference,
         redirect_url = outcome.redirect_url,
         buyer_proof = case when charge.buyer_proof is distinct from outcome.used_proof then charge.buyer_proof end,
         reason = null,
         tries = charge.tries + 1,
         version = charge.version + before.is_news::int,
         due_at = case when charge.due_at = outcome.due_at and not charge.order_ended
           then now() + make_interval(secs => outcome.after_ms / 1000) else now() end,
         updated_at = now()
       from outcome join before using (order_id)
       where charge.order_id = outcome.order_id
       returning ${chargeColumns}, before.is_news as "isNews"`,
      values: [
        awaited.map((each) => each.orderId),
        awaited.map((each) => each.reference),
        awaited.map((each) => each.redirectUrl),
        awaited.map((each) => each.usedProof),
        awaited.map((each) => each.dueAt),
        awaited.map((each) => each.afterMs),
      ],
    })
    const byOrder = new Map(awaited.map((each) => [each.orderId, each]))
    await insertOutbox(
      client,
      'payments',
      rows
        .filter(({ isNews }) => isNews)
        .map((charge) => {
          const { orderId: order, sale, amountMinor, currency, version } = charge
          const { redirectUrl = '', traceparent = charge.traceparent } = byOrder.get(order) ?? {}
          const data = { order, sale, amountMinor, currency, redirectUrl }
          return { type: 'payment.awaiting-buyer.v1', version, data, traceparent: traceparent ?? undefined }
        }),
    )
  })
}
