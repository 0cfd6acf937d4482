import type { Pool } from 'pg'

/**
 * Columns of a past order. Holds of pending ones last longer than the bench; all changed long ago, so that only a
 * rebuild reads them.
 */
const ORDER_VALUES = `
  md5(seed || 'buyer')::uuid::text, md5(seed || 'slot')::uuid::text, md5(seed) || md5(seed || 'hash'), status,
  case when status = 'cancelled' then 'declined' end, 12450, 'EUR', 'sim_ok', repeat(md5(seed), 6),
  now() + interval '3 hours', now() + interval '3 hours', now() - interval '1 hour',
  case when status <> 'pending' then now() - interval '1 hour' end`

const ORDER_COLUMNS = `
  id, sale, buyer, slot, request_hash, status, cancel_reason, total_minor, currency, payment_method, sealed_email,
  hold_expires_at, charge_by, updated_at, ended_at`

/** The status of order number i: pending, one in ten declined, the rest confirmed. */
const STATUS = `case when i % 100 < $3 then 'pending' when i % 100 >= 90 then 'cancelled' else 'confirmed' end`

/**
 * Fills orders of other, past sales, whose keys surround those of a sale. Their ids ascend, so that indexes grow at their
 * ends: ten million take minutes instead of an hour.
 */
const PAST = `
  select (lpad(to_hex(i * 4294967295 / $1), 8, '0') || substr(md5(i::text), 9))::uuid as id,
    'past-' || lpad((i * 50 / $1)::text, 2, '0') as sale, i::text as seed, lpad(i::text, 12, '0') as buyer, 'confirmed' as status
  from generate_series($2::bigint, $3::bigint) as i`

const ROWS_PER_STATEMENT = 250_000

export async function fillPast(pool: Pool, rows: number, progress: (line: string) => void): Promise<void> {
  for (let from = 1; from <= rows; from += ROWS_PER_STATEMENT) {
    const values = [rows, from, Math.min(rows, from + ROWS_PER_STATEMENT - 1)]
    await pool.query(
      `insert into orders.orders (${ORDER_COLUMNS})
       select id, sale, buyer, ${ORDER_VALUES.replace("md5(seed || 'buyer')::uuid::text,", '')} from (${PAST}) as past`,
      values,
    )
    await pool.query(`insert into orders.order_lines select id, 0, 'COAT', 1, 12450 from (${PAST}) as past`, values)
    await pool.query(`insert into orders.buyer_units select sale, buyer, 'COAT', 1, 1 from (${PAST}) as past`, values)
    if (from % (8 * ROWS_PER_STATEMENT) === 1 && rows > ROWS_PER_STATEMENT)
      progress(`${from - 1} of ${rows} past orders`)
  }
}

/** Fills orders of one sale at random ids, its buyers' units, and the stock's counts for them. */
export async function fillSale(
  pool: Pool,
  { sale, orders, pendingPercent }: { sale: string; orders: number; pendingPercent: number },
): Promise<void> {
  const source = `select md5(seed)::uuid as id, seed, status
    from (select $1 || '-' || i as seed, ${STATUS} as status from generate_series(1, $2::bigint) as i) as numbered`
  const values = [sale, orders, pendingPercent]
  await pool.query(
    `insert into orders.orders (${ORDER_COLUMNS}) select id, $1, ${ORDER_VALUES} from (${source}) as sold`,
    values,
  )
  await pool.query(`insert into orders.order_lines select id, 0, 'COAT', 1, 12450 from (${source}) as sold`, values)
  await pool.query(
    `insert into orders.buyer_units
     select $1, md5(seed || 'buyer')::uuid::text, 'COAT', (status <> 'cancelled')::int, 1 from (${source}) as sold`,
    values,
  )
  await pool.query(
    `update orders.stock set
       held = held + (select count(*) from (${source}) as sold where status = 'pending'),
       sold = sold + (select count(*) from (${source}) as sold where status = 'confirmed')
     where sale = $1`,
    values,
  )
}

/** Does what autovacuum would do over time. */
export async function analyze(pool: Pool): Promise<void> {
  for (const table of ['orders', 'order_lines', 'buyer_units']) await pool.query(`vacuum (analyze) orders.${table}`)
}
