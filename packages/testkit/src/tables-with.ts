import type { Pool } from 'pg'

/** Returns the tables of our schemas with a row that contains this text: "schema.table". */
export async function tablesWith(pool: Pool, text: string): Promise<readonly string[]> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname in ('rooms', 'orders', 'payments', 'notices') order by 1`,
  )
  const found: string[] = []
  for (const { name } of tables) {
    const { rowCount } = await pool.query(`select from ${name} as t where strpos(to_jsonb(t)::text, $1) > 0 limit 1`, [
      text,
    ])
    if (rowCount !== 0) found.push(name)
  }
  return found
}
