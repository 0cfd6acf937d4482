import { withTransaction } from '@floodgate/database'
import { insertOutbox } from '@floodgate/outbox'
import type { Logger } from '@floodgate/service'
import type { Pool } from 'pg'
import { lineKeys } from '../line/keys.ts'
import { type LineRedis, whileRedisIsThere } from '../line/line-redis.ts'
import { returnSlots } from './admission-scripts.ts'
import { passExpiresAtMs } from './sign-admission.ts'

/** So long after its revocation was published, every shop knows that a pass is worth nothing. */
const REVOKED_SECONDS = 3
const SLOTS_MAX = 500

export interface RevokeDeps {
  readonly line: LineRedis
  readonly pool: Pool
  readonly log: Logger
  readonly wakeRelay: () => void
}

interface LeavingSlot {
  readonly slot: string
  readonly passExpiresAt: Date
  /** An order is in its hold: the slot ends with it. */
  readonly hasOrder: boolean
}

/**
 * Revokes the passes of slots that were given back, then returns the slots, 3 s after the bus took the news. Each step is
 * repeated by any process until it is done: a slot whose revocation is not committed, or not published, stays taken until
 * its own deadline at most. Returns how many slots still wait.
 */
export async function revokeGivenBack(deps: RevokeDeps, sale: string): Promise<number> {
  const leaving = await readLeaving(deps.line, sale)
  if (leaving.length === 0) return 0
  await recordRevocations(deps, sale, leaving)
  const known = await findKnown(deps.pool, sale, leaving)
  const slots = leaving.filter(({ slot, hasOrder }) => known.has(slot) && !hasOrder).map(({ slot }) => slot)
  if (slots.length === 0) return leaving.length
  const returned = await returnSlots(deps.line, sale, { slots, reason: 'left' })
  if (returned.length > 0)
    deps.log.info({ step: 'slot.returned', sale, slots: returned, reason: 'left' }, 'slots returned')
  return leaving.length - slots.length
}

async function readLeaving({ redis }: LineRedis, sale: string): Promise<readonly LeavingSlot[]> {
  const keys = lineKeys(sale)
  return await whileRedisIsThere(async () => {
    const names = await redis.zrange(keys.leaving, '0', String(SLOTS_MAX - 1))
    if (names.length === 0) return []
    const [entries, untils] = await Promise.all([
      redis.hmget(keys.slots, ...names),
      redis.zmscore(keys.active, ...names),
    ])
    return names.map((slot, index) => {
      const deadlineMs = Number(entries[index]?.split(' ')[3] ?? 0)
      const hasOrder = Number(untils[index] ?? 0) > deadlineMs
      return { slot, passExpiresAt: new Date(passExpiresAtMs(deadlineMs)), hasOrder }
    })
  })
}

async function recordRevocations(
  { pool, wakeRelay }: RevokeDeps,
  sale: string,
  leaving: readonly LeavingSlot[],
): Promise<void> {
  const isNew = await withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ slot: string; at: Date }>(
      `insert into rooms.revocations (sale, slot, pass_expires_at)
       select $1, * from unnest($2::text[], $3::timestamptz[]) order by 2
       on conflict do nothing returning slot, revoked_at as at`,
      [sale, leaving.map(({ slot }) => slot), leaving.map(({ passExpiresAt }) => passExpiresAt)],
    )
    const ends = new Map(leaving.map(({ slot, passExpiresAt }) => [slot, passExpiresAt.toISOString()]))
    const events = rows.map(({ slot, at }) => {
      const data = { sale, slot, passExpiresAt: ends.get(slot) ?? at.toISOString(), at: at.toISOString() }
      return { type: 'admission.revoked.v1' as const, version: 1, data }
    })
    await insertOutbox(client, 'rooms', events)
    return rows.length > 0
  })
  if (isNew) wakeRelay()
}

/** Those whose revocation the bus took long enough ago. A published row of the outbox is deleted some time later. */
async function findKnown(pool: Pool, sale: string, leaving: readonly LeavingSlot[]): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ slot: string }>(
    `select slot from rooms.revocations revoked
     where sale = $1 and slot = any($2) and revoked_at < now() - make_interval(secs => $3)
       and not exists (select from rooms.outbox where type = 'admission.revoked.v1' and key = revoked.slot
         and (sent_at is null or sent_at > now() - make_interval(secs => $3)))`,
    [sale, leaving.map(({ slot }) => slot), REVOKED_SECONDS],
  )
  return new Set(rows.map(({ slot }) => slot))
}
