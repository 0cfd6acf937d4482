import type { createPool } from '@floodgate/database'
import { type Everything, READ_BACK, type Rows, type RowsAfter, rowsAfter } from './postgres-rows.ts'
import { type Effect, type Perform, type Reply, replay } from './replay.ts'
import { resetText } from './reset-text.ts'
import { CAMPAIGN, type ExploredOrder, LATER, NOW, PAST, SALE, SKU, unitPriceOf } from './shop.ts'
import type { Setting } from './state.ts'

type Pool = ReturnType<typeof createPool>

/** Repeats a piece of work, up to its transaction. */
interface Again {
  code(perform: Perform): Promise<unknown>
  readonly replies: readonly Reply[]
}

/**
 * Runs statements and transactions of the product on a real Postgres: writes the rows of a state there, and reads them
 * back. The same rows and the same work always give the same result, so each pair is run once.
 */
export function createPostgresStore(
  pool: Pool,
  explored: readonly ExploredOrder[],
  { units, campaign }: Pick<Setting, 'units' | 'campaign'>,
) {
  const runs = new Map<string, RowsAfter>()

  /** Runs a statement, or a transaction: then the code continues, live, until it releases its connection. */
  async function run(rows: Rows, effect: Effect, again: Again): Promise<RowsAfter> {
    await pool.query(resetText(rows, explored))
    const reply =
      effect.kind === 'statement'
        ? await pool.query({ ...effect.query, values: [...effect.query.values] }).then(
            ({ rows, rowCount }): Reply => ({ value: plain({ rows, rowCount }) }),
            (error: { code?: string }): Reply => ({ error: { code: error.code ?? '' } }),
          )
        : { value: await recordTransaction(again) }
    const after = await pool.query<{ all: Everything }>(READ_BACK)
    const all = after.rows[0]?.all
    if (all === undefined) throw new Error('Postgres returned no rows')
    return { ...rowsAfter(all, rows, explored), reply }
  }

  async function recordTransaction({ code, replies }: Again): Promise<readonly Reply[]> {
    const client = await pool.connect()
    const queries: Reply[] = []
    const released = Promise.withResolvers<void>()
    const recording = {
      async query(config: unknown, values?: unknown[]) {
        try {
          const { rows, rowCount } = await client.query(config as string, values)
          queries.push({ value: plain({ rows, rowCount }) })
          return { rows, rowCount }
        } catch (error) {
          queries.push({ error: { code: String((error as { code?: string }).code) } })
          throw error
        }
      },
      release: () => released.resolve(),
    }
    const running = replay(code, replies, async () => recording)
    running.catch(() => undefined)
    await released.promise
    client.release()
    return queries
  }

  return {
    async prepare(): Promise<void> {
      await pool.query(`
        insert into orders.fences values ('${SALE}', 1, 'run');
        insert into orders.catalogues (sale, currency) values ('${SALE}', 'EUR');
        insert into orders.stock (sale, sku, position, name, list_price_minor, sale_price_minor, per_buyer_limit, total)
          values ('${SALE}', '${SKU}', 0, 'Tea', 10, ${unitPriceOf(explored)}, 9, ${units})`)
      if (campaign === undefined) return
      await pool.query(`
        insert into orders.voucher_campaigns (sale, id, name, kind, amount_minor, total)
          values ('${SALE}', '${CAMPAIGN}', 'Spring', 'fixed', ${campaign.amountMinor}, ${campaign.total})`)
    },
    async run(name: string, rows: Rows, effect: Effect, again: Again): Promise<RowsAfter> {
      const key = JSON.stringify([name, rows])
      const known = runs.get(key) ?? (await run(rows, effect, again))
      runs.set(key, known)
      return known
    },
    calls: () => runs.size,
  }
}

/** Replaces times by past, present or later; the explorer distinguishes no more. */
function plain(value: unknown): unknown {
  if (value instanceof Date) {
    if (value < new Date('2025-01-01')) return PAST
    return value > new Date('2090-01-01') ? LATER : NOW
  }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
}
