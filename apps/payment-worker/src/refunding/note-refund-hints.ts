import type { Pool } from 'pg'
import { KINDS, type Kind, TABLES } from './refund-tables.ts'

/** Makes refunds of these orders due at once that are pending at the provider. Resolves to whether there is one. */
export async function noteRefundHints(pool: Pool, orders: readonly string[]): Promise<boolean> {
  const due = (kind: Kind) => {
    const { table, id } = TABLES[kind]
    return `locked_${kind} as materialized (
        select ${id} as id from ${table}
        where order_id = any ($1::uuid[]) and status = 'requested' and provider_refund_id is not null
        order by ${id} for no key update
      ), ${kind} as (
        update ${table} refund set due_at = now() from locked_${kind} locked where refund.${id} = locked.id returning 1
      )`
  }
  const { rowCount } = await pool.query({
    name: 'note-refund-hints',
    text: `with ${KINDS.map(due).join(', ')} ${KINDS.map((kind) => `select from ${kind}`).join(' union all ')}`,
    values: [orders],
  })
  return rowCount !== null && rowCount > 0
}
