import type { CaptureAtProvider } from '@floodgate/contracts'
import type { Pool } from 'pg'

const COLUMNS = `capture.order_id as "order", charge.sale, charge.amount_minor as "amountMinor", charge.currency,
  coalesce(charge.provider_charge_id, '') as charge, capture.status, capture.reason, capture.due_at as "dueAt", capture.updated_at as "updatedAt"`

type Row = Omit<CaptureAtProvider, 'dueAt' | 'updatedAt'> & { readonly dueAt: Date; readonly updatedAt: Date }

const resourceOf = ({ dueAt, updatedAt, ...row }: Row): CaptureAtProvider => ({
  ...row,
  dueAt: dueAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
})

/** Lists captures that the provider refused, the oldest first. */
export async function listRefusedCaptures(pool: Pool, max: number): Promise<readonly CaptureAtProvider[]> {
  const { rows } = await pool.query<Row>(
    `select ${COLUMNS} from payments.captures capture join payments.charges charge using (order_id)
     where capture.status = 'refused' order by capture.created_at, capture.order_id limit $1`,
    [max],
  )
  return rows.map(resourceOf)
}

/** Makes a refused capture due at once; one in any other state is unchanged. Undefined: the order has none. */
export async function repeatCapture(pool: Pool, order: string): Promise<CaptureAtProvider | undefined> {
  await pool.query("update payments.captures set due_at = now() where order_id = $1 and status = 'refused'", [order])
  const { rows } = await pool.query<Row>(
    `select ${COLUMNS} from payments.captures capture join payments.charges charge using (order_id)
     where capture.order_id = $1`,
    [order],
  )
  return rows[0] && resourceOf(rows[0])
}
