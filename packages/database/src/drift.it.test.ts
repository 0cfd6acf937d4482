import { freshDatabase } from '@floodgate/testkit'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrate } from './migrate.ts'
import { createPool } from './pool.ts'
import { withSchemaEngine } from './schema-engine.ts'

/**
 * Expected differences, each for a reason. `-` is only in prisma/*.prisma, `+` only in the migrations. CHECKs and
 * storage options are never compared: Prisma cannot express them.
 */
const expectedDifferences = [
  // One statement writes an order with its lines; a foreign key would lock every order row a second time.
  '- orders.order_lines FOREIGN KEY (order_id) REFERENCES orders.orders(id) ON UPDATE RESTRICT ON DELETE CASCADE',
  // Partial indexes.
  '+ index notices.inbox (buyer)',
  '+ index notices.mails (created_at)',
  '+ index notices.mails (created_at)',
  '+ index notices.mails (due_at)',
  '+ index notices.mails (due_at)',
  '+ index notices.mails (status, created_at, event_id)',
  '+ index notices.reminders (sale, created_at)',
  '+ index notices.webhooks (endpoint, created_at)',
  '+ index notices.webhooks (endpoint, due_at)',
  '+ index notices.webhooks (status, created_at, id)',
  '+ index orders.orders (created_at)',
  '+ index orders.orders (hold_expires_at)',
  '+ index orders.orders (sale)',
  '+ index orders.refunds (sale)',
  '+ index orders.refunds (updated_at)',
  '+ index payments.part_refunds (due_at)',
  '+ index payments.part_refunds (updated_at)',
  '+ index orders.orders (updated_at)',
  '+ unique orders.orders (sale, slot)',
  '+ unique orders.vouchers (order_id)',
  '+ index orders.vouchers (order_id)',
  '+ index orders.vouchers (sale, campaign, state)',
  '+ index orders.catalogues (sale)',
  '+ index orders.outbox (id)',
  '+ index orders.outbox (parked_at)',
  '+ index orders.sales (id)',
  '+ index orders.sales (closed_at, id)',
  '+ index orders.outbox (sent_at)',
  '+ index payments.captures (due_at)',
  '+ index payments.charges (due_at)',
  '+ index payments.charges (due_at)',
  '+ index payments.outbox (id)',
  '+ index payments.outbox (parked_at)',
  '+ index payments.outbox (sent_at)',
  '+ index payments.refunds (due_at)',
  '+ index payments.refunds (updated_at)',
  '+ index rooms.outbox (id)',
  '+ index rooms.outbox (parked_at)',
  '+ index rooms.outbox (sent_at)',
]

describe('the migrations and the Prisma schema', () => {
  let migrated: Pool
  let described: Pool
  let drop: () => Promise<unknown>

  beforeAll(async () => {
    const [left, right] = await Promise.all([freshDatabase(), freshDatabase()])
    await migrate(left.url)
    migrated = createPool(left.url, { max: 1 })
    described = createPool(right.url, { max: 1 })
    await described.query(await withSchemaEngine(right.url, (engine) => engine.sqlFromEmpty()))
    drop = async () => {
      await Promise.all([migrated.end(), described.end()])
      await Promise.all([left.drop(), right.drop()])
    }
  })
  afterAll(() => drop())

  it('create the same tables and columns', async () => {
    expect(await readColumns(migrated)).toEqual(await readColumns(described))
  })

  it('create the same keys, and indexes except for the listed ones', async () => {
    const [has, says] = await Promise.all([readKeys(migrated), readKeys(described)])
    const differences = [
      ...says.filter((key) => !has.includes(key)).map((key) => `- ${key}`),
      ...has.filter((key) => !says.includes(key)).map((key) => `+ ${key}`),
    ]
    expect(differences.sort()).toEqual([...expectedDifferences].sort())
  })
})

async function readColumns(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ line: string }>(`
    select format('%s.%s.%s %s%s%s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
      case when a.attnotnull then ' not null' else '' end,
      -- Prisma numbers rows by a sequence of its own, the migrations by an identity column: to a writer it is the same.
      case when a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) like 'nextval%' then ' numbered'
           when d.adbin is not null then ' default ' || replace(pg_get_expr(d.adbin, d.adrelid), 'CURRENT_TIMESTAMP', 'now()')
           else '' end) as line
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid and c.relkind = 'r'
    join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('rooms', 'orders', 'payments', 'notices', 'operators')
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where a.attnum > 0 and not a.attisdropped
    order by 1`)
  return rows.map((row) => row.line)
}

async function readKeys(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ line: string }>(`
    select format('%s %s.%s (%s)', case when i.indisprimary then 'primary key' when i.indisunique then 'unique' else 'index' end,
      n.nspname, t.relname, array_to_string(array(
        select pg_get_indexdef(i.indexrelid, k, false) from generate_series(1, i.indnkeyatts) as k), ', ')) as line
    from pg_index i
    join pg_class t on t.oid = i.indrelid
    join pg_namespace n on n.oid = t.relnamespace and n.nspname in ('rooms', 'orders', 'payments', 'notices', 'operators')
    union all
    select format('%s.%s %s', n.nspname, t.relname, pg_get_constraintdef(f.oid))
    from pg_constraint f join pg_class t on t.oid = f.conrelid join pg_namespace n on n.oid = t.relnamespace
    where f.contype = 'f'`)
  return rows.map((row) => row.line)
}
