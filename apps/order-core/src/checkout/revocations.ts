import { setTimeout as sleep } from 'node:timers/promises'
import type { FloodgateEvent } from '@floodgate/contracts'
import type { Logger } from '@floodgate/service'
import type { Pool } from 'pg'

const READ_MS = 500
/** Transactions commit in another order than they begin: each reading looks back so far. */
const OVERLAP_SECONDS = 15
/** After a longer gap between two readings everything is read again, as at first. */
const GAP_MS = 10_000
/** What was read longer ago than this judges no pass. */
const STALE_MS = 2_000
const PRUNE_MS = 60_000
const KEEP_SECONDS = 3_600

/** Stores what `admission.revoked` tells; a repetition changes nothing. */
export async function rememberRevocations(pool: Pool, events: readonly FloodgateEvent[]): Promise<void> {
  const told = events.flatMap((event) => (event.type === 'admission.revoked.v1' ? [event.data] : []))
  if (told.length === 0) return
  await pool.query({
    name: 'remember-revocations',
    text: `insert into orders.revocations (sale, slot, pass_expires_at)
      select * from unnest($1::text[], $2::text[], $3::timestamptz[]) order by 1, 2 on conflict do nothing`,
    values: [
      told.map(({ sale }) => sale),
      told.map(({ slot }) => slot),
      told.map(({ passExpiresAt }) => passExpiresAt),
    ],
  })
}

export type Revocation = 'revoked' | 'good' | 'unknown'

export interface Revocations {
  /** Whether a pass was given back; `unknown` while Postgres has not told for two seconds. */
  judge(admission: { readonly sale: string; readonly slot: string }): Revocation
  start(): void
  stop(): Promise<void>
}

/**
 * Knows all revoked passes that have not ended, so that judging one costs no query: two small readings a second for the
 * whole process. A revocation counts everywhere half a second after one process stored it; its slot returns 3 s after it.
 */
export function createRevocations({ pool, log }: { pool: Pool; log: Logger }): Revocations {
  const ends = new Map<string, number>()
  const stopping = new AbortController()
  let readAtMs = Number.NEGATIVE_INFINITY
  let prunedAtMs = performance.now()
  let running: Promise<void> = Promise.resolve()

  async function read(): Promise<void> {
    const startedMs = performance.now()
    const isFull = startedMs - readAtMs > GAP_MS
    const { rows } = await pool.query<{ key: string; endsAt: Date }>({
      name: isFull ? 'all-revocations' : 'new-revocations',
      text: `select sale || ' ' || slot as key, pass_expires_at as "endsAt" from orders.revocations where ${
        isFull ? 'pass_expires_at > now()' : `known_at > now() - make_interval(secs => ${OVERLAP_SECONDS})`
      }`,
    })
    for (const { key, endsAt } of rows) ends.set(key, endsAt.getTime())
    readAtMs = startedMs
  }

  async function prune(): Promise<void> {
    if (performance.now() - prunedAtMs < PRUNE_MS) return
    prunedAtMs = performance.now()
    for (const [key, endsAtMs] of ends) if (endsAtMs < Date.now() - KEEP_SECONDS * 1_000) ends.delete(key)
    await pool.query(`delete from orders.revocations where pass_expires_at < now() - make_interval(secs => $1)`, [
      KEEP_SECONDS,
    ])
  }

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await read()
        await prune()
      } catch (error) {
        log.debug({ error }, 'revocations not read; retried')
      }
      // An abort only ends the pause.
      await sleep(READ_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }

  return {
    judge: ({ sale, slot }) => {
      if (ends.has(`${sale} ${slot}`)) return 'revoked'
      return performance.now() - readAtMs > STALE_MS ? 'unknown' : 'good'
    },
    start: () => {
      running = follow()
    },
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}
