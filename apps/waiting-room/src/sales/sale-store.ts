import type { SaleIdentity } from '@floodgate/contracts'
import { withTransaction } from '@floodgate/database'
import { insertOutbox } from '@floodgate/outbox'
import type { Pool, PoolClient } from 'pg'
import { type RecordedAct, type Sale, saleEvent } from './sale.ts'

interface SaleRow {
  id: string
  name: string
  state: Sale['state']
  admit_per_second: number
  max_active: number
  admission_ttl_seconds: number
  claim_seconds: number
  return_seconds: number
  extensions_max: number
  opens_at: Date | null
  closes_at: Date | null
  frame_origins: string[] | null
  return_origins: string[] | null
  default_return_url: string | null
  identity: SaleIdentity | null
  language: string | null
  version: number
}

const columns =
  'id, name, state, admit_per_second, max_active, admission_ttl_seconds, claim_seconds, return_seconds, extensions_max, opens_at, closes_at, frame_origins, return_origins, default_return_url, identity, language, version'

const saleOf = (row: SaleRow): Sale => ({
  id: row.id,
  name: row.name,
  state: row.state,
  admitPerSecond: row.admit_per_second,
  maxActive: row.max_active,
  admissionTtlSeconds: row.admission_ttl_seconds,
  claimSeconds: row.claim_seconds,
  returnSeconds: row.return_seconds,
  extensionsMax: row.extensions_max,
  opensAt: row.opens_at,
  closesAt: row.closes_at,
  frameOrigins: row.frame_origins ?? [],
  returnOrigins: row.return_origins ?? [],
  defaultReturnUrl: row.default_return_url,
  identity: row.identity,
  language: row.language,
  version: row.version,
})

export async function findSale(pool: Pick<Pool, 'query'>, id: string): Promise<Sale | undefined> {
  const { rows } = await pool.query<SaleRow>(`select ${columns} from rooms.sales where id = $1`, [id])
  return rows[0] && saleOf(rows[0])
}

/** Finds the existing sales among these ids. */
export async function findSales(pool: Pool, ids: readonly string[]): Promise<ReadonlyMap<string, Sale>> {
  const text = `select ${columns} from rooms.sales where id = any ($1::text[])`
  const { rows } = await pool.query<SaleRow>({ name: 'find-sales', text, values: [ids] })
  return new Map(rows.map((row) => [row.id, saleOf(row)]))
}

/** Lists sales that are not over, or ended within the hour: older ones are restored to Redis on request. */
export async function listCurrentSales(pool: Pool): Promise<readonly Sale[]> {
  const { rows } = await pool.query<SaleRow>(
    `select ${columns} from rooms.sales where state <> 'closed' or updated_at > now() - interval '1 hour' order by id`,
  )
  return rows.map(saleOf)
}

/** Returns how long ago a sale was last closed (ms), by Postgres' clock; undefined when it never was. */
export async function findAgeOfClose(pool: Pool, id: string): Promise<number | undefined> {
  const { rows } = await pool.query<{ age: number }>(
    `select (extract(epoch from now() - at) * 1000)::bigint as age from rooms.acts
     where sale = $1 and act = 'close' order by id desc limit 1`,
    [id],
  )
  return rows[0]?.age
}

/** Lists ids of closed sales that changed within `withinMs`. */
export async function listClosedSales(pool: Pool, withinMs: number): Promise<readonly string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select id from rooms.sales where state = 'closed' and updated_at > now() - $1 * interval '1 ms' order by id`,
    [withinMs],
  )
  return rows.map(({ id }) => id)
}

const insertSale = `insert into rooms.sales (${columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`
const updateSale = `update rooms.sales set name = $2, state = $3, admit_per_second = $4, max_active = $5,
  admission_ttl_seconds = $6, claim_seconds = $7, return_seconds = $8, extensions_max = $9, opens_at = $10, closes_at = $11,
  frame_origins = $12, return_origins = $13, default_return_url = $14, identity = $15, language = $16, version = $17, updated_at = now() where id = $1`

const writeSale = async (client: PoolClient, sale: Sale, isNew: boolean) => {
  await client.query(isNew ? insertSale : updateSale, [
    sale.id,
    sale.name,
    sale.state,
    sale.admitPerSecond,
    sale.maxActive,
    sale.admissionTtlSeconds,
    sale.claimSeconds,
    sale.returnSeconds,
    sale.extensionsMax,
    sale.opensAt,
    sale.closesAt,
    sale.frameOrigins,
    sale.returnOrigins,
    sale.defaultReturnUrl,
    sale.identity,
    sale.language,
    sale.version,
  ])
}

const recordAct = async (
  client: PoolClient,
  { act, actor, before, after }: { act: RecordedAct; actor: string; before: Sale | undefined; after: Sale },
) => {
  await client.query('insert into rooms.acts (sale, act, actor, before, after) values ($1, $2, $3, $4, $5)', [
    after.id,
    act,
    actor,
    before === undefined ? null : JSON.stringify(before),
    JSON.stringify(after),
  ])
}

export interface Change {
  readonly act: RecordedAct
  /** The operator, or `schedule`. */
  readonly actor: string
  readonly traceparent?: string | undefined
  /**
   * Returns what the sale becomes; undefined leaves it unchanged, and nothing is recorded. Runs under the sale's row
   * lock; may throw.
   */
  change(before: Sale | undefined): Sale | undefined
}

/** Changes a sale in one transaction: its row, the audit, the event. Returns the new state. */
export async function changeSale(
  pool: Pool,
  id: string,
  { act, actor, traceparent, change }: Change,
): Promise<{ before: Sale | undefined; after: Sale | undefined; changed: boolean }> {
  return await withTransaction(pool, async (client) => {
    // Two first PUTs at once: a row that does not exist yet cannot be locked.
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`rooms:sale:${id}`])
    const { rows } = await client.query<SaleRow>(`select ${columns} from rooms.sales where id = $1 for update`, [id])
    const before = rows[0] && saleOf(rows[0])
    const after = change(before)
    if (after === undefined) return { before, after: before, changed: false }
    await writeSale(client, after, before === undefined)
    await recordAct(client, { act, actor, before, after })
    const event = saleEvent(act, after, new Date())
    await insertOutbox(client, 'rooms', [{ ...event, version: after.version, traceparent }])
    return { before, after, changed: true }
  })
}
