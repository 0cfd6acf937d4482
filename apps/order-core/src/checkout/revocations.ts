import { type Repeated, repeat } from '@floodgate/async'
import type { FloodgateEvent } from '@floodgate/contracts'
import { withTransaction } from '@floodgate/database'
import { insertOutbox } from '@floodgate/outbox'
import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { type BarredSlot, barSlots } from '../stock/bar-slots.ts'
import type { StockRedis } from '../stock/stock-redis.ts'

/** Interval of checking revoked slots with an order in progress. */
const ROUND_MS = 1_000
const PAGE_SLOTS = 500
const PRUNE_MS = 60_000
const KEEP_SECONDS = 3_600

interface Revoked extends BarredSlot {
  readonly sale: string
}

export interface RevocationDeps {
  readonly pool: Pool
  readonly stockRedis: StockRedis
  wakeRelay(): void
  readonly log: Logger
}

export interface Revocations {
  /** Stores `admission.revoked` events; a repetition changes nothing. */
  remember(events: readonly FloodgateEvent[]): Promise<void>
  start(): void
  stop(): Promise<void>
}

/**
 * Voids revoked admissions. Bars their slots in the stock's Redis, which every order passes, so that all processes
 * reject them at once. Once no order is in progress on a slot, publishes `admission.voided`, and the waiting room gives
 * the slot to the next buyer. This holds even for a process that is killed or was never notified: see
 * docs/adr/0024-void-passes.md.
 *
 * Every process does this, and every step is safe to repeat. A failure is retried a second later; until then the slot
 * is not free.
 */
export function createRevocations(deps: RevocationDeps): Revocations {
  const { pool, log } = deps
  let prunedAtMs = performance.now()
  let rounds: Repeated | undefined

  async function prune(): Promise<void> {
    if (performance.now() - prunedAtMs < PRUNE_MS) return
    prunedAtMs = performance.now()
    await pool.query(`delete from orders.revocations where pass_expires_at < now() - make_interval(secs => $1)`, [
      KEEP_SECONDS,
    ])
  }

  return {
    remember: async (events) => {
      const revoked = events.flatMap((event) => (event.type === 'admission.revoked.v1' ? [event.data] : []))
      if (revoked.length === 0) return
      await pool.query({
        name: 'remember-revocations',
        text: `insert into orders.revocations (sale, slot, pass_expires_at)
          select * from unnest($1::text[], $2::text[], $3::timestamptz[]) order by 1, 2 on conflict do nothing`,
        values: [
          revoked.map(({ sale }) => sale),
          revoked.map(({ slot }) => slot),
          revoked.map(({ passExpiresAt }) => passExpiresAt),
        ],
      })
      rounds?.runSooner()
    },
    start: () => {
      rounds = repeat({
        everyMs: ROUND_MS,
        async work() {
          await voidRevoked(deps)
          await prune()
        },
        onError: (error) => log.warn({ error }, 'revoked admissions not read; retrying'),
      })
    },
    stop: async () => {
      await rounds?.stop()
    },
  }
}

/**
 * Runs one round over all revoked admissions that are not void yet, page by page: slots with orders do not block those
 * behind them.
 */
export async function voidRevoked(deps: RevocationDeps): Promise<void> {
  for (let after = { sale: '', slot: '' }; ; ) {
    const page = await readRevoked(deps.pool, after)
    const bySale = [...Map.groupBy(page, ({ sale }) => sale)]
    const results = await Promise.allSettled(bySale.map(([sale, slots]) => voidOfSale(deps, sale, slots)))
    // A sale whose stock is unreachable does not block the others.
    for (const [index, result] of results.entries())
      if (result.status === 'rejected')
        deps.log.warn({ sale: bySale[index]?.[0], error: result.reason }, 'admissions not voided; retrying')
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE_SLOTS) return
    after = last
  }
}

/** Reads a page. A slot whose admission has expired returns at its deadline in any case. */
async function readRevoked(pool: Pool, after: { sale: string; slot: string }): Promise<readonly Revoked[]> {
  const { rows } = await pool.query<Revoked>({
    name: 'revoked-passes',
    text: `select sale, slot, pass_expires_at as "passExpiresAt" from orders.revocations
      where voided_at is null and pass_expires_at > now() and (sale, slot) > ($1, $2)
      order by sale, slot limit ${PAGE_SLOTS}`,
    values: [after.sale, after.slot],
  })
  return rows
}

async function voidOfSale(deps: RevocationDeps, sale: string, slots: readonly BarredSlot[]): Promise<void> {
  const barred = await barSlots(deps.stockRedis, sale, slots)
  if (barred === undefined || barred.free.length === 0) return
  const voided = await withTransaction(deps.pool, async (client) => {
    // Until a rebuild has raised the epoch, orders of the previous one may still be committed.
    const fence = await client.query<{ epoch: number }>('select epoch from orders.fences where sale = $1 for share', [
      sale,
    ])
    if (fence.rows[0]?.epoch !== barred.epoch) return undefined
    const { rows } = await client.query<{ slot: string; at: Date }>(
      `with free as (
         select slot from orders.revocations where sale = $1 and slot = any($2) and voided_at is null
         order by slot for update skip locked)
       update orders.revocations set voided_at = now() where sale = $1 and slot in (select slot from free)
       returning slot, voided_at as at`,
      [sale, barred.free],
    )
    const events = rows.map(({ slot, at }) => {
      return { type: 'admission.voided.v1' as const, version: 1, data: { sale, slot, at: at.toISOString() } }
    })
    await insertOutbox(client, 'orders', events)
    return rows.map(({ slot }) => slot)
  })
  // A rebuild whose commit was lost has filled Redis.
  if (voided === undefined) return deps.stockRedis.rebuildSoon(sale)
  if (voided.length === 0) return
  deps.wakeRelay()
  deps.log.info({ step: 'admission.voided', sale, slots: voided }, 'admissions voided')
}
