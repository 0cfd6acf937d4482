import type { PoolClient } from 'pg'
import type { LockedOrder } from '../order/lock-orders.ts'
import type { Declines, TransitionRequest } from './plan-transitions.ts'

/**
 * Counts the declined orders of the slots that a batch declines, in the batch's own transaction: exact for any number
 * of processes and after a loss of Redis. A slot belongs to one buyer, so the index by sale and buyer finds them.
 */
export async function countDeclines(
  client: PoolClient,
  batch: { readonly orders: readonly LockedOrder[]; readonly requests: readonly TransitionRequest[] },
): Promise<Declines['before']> {
  const declining = batch.requests.filter(({ fact }) => fact === 'payment-declined').map(({ order }) => order)
  if (declining.length === 0)
    return function noDeclines() {
      return 0
    }
  const { rows } = await client.query<{ id: string; declined: number }>({
    name: 'count-declines',
    text: `select o.id, count(d.id)::int as declined
      from orders.orders o
      left join orders.orders d
        on d.sale = o.sale and d.buyer = o.buyer and d.slot = o.slot and d.cancel_reason in ('declined', 'declined-final')
      where o.id = any ($1::uuid[]) group by o.id`,
    values: [declining],
  })
  const before = new Map(rows.map(({ id, declined }) => [id, declined]))
  return function declinesOf({ id }) {
    return before.get(id) ?? 0
  }
}
