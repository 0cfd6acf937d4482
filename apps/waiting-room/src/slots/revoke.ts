import { withTransaction } from '@floodgate/database'
import { insertOutbox } from '@floodgate/outbox'
import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { lineKeys } from '../redis/keys.ts'
import { type LineRedis, whileRedisIsThere } from '../redis/line-redis.ts'
import { admissionExpiresAtMs } from '../tokens/sign-admission.ts'
import { returnSlots } from './return-slot.ts'

/** After this long since the publication of a revocation, every shop that reads the list each second has seen it. */
const REVOKED_SECONDS = 3
const PAGE_SLOTS = 500

export interface RevokeDeps {
  readonly line: LineRedis
  readonly pool: Pool
  readonly log: Logger
  wakeRelay(): void
  readonly config: { readonly passesVoidedBy: 'order-core' | 'nobody' }
}

interface LeavingSlot {
  readonly slot: string
  readonly passExpiresAt: Date
}

/**
 * Revokes the admissions of slots that were given back, then returns the slots: once the order core reports an
 * admission void, and 3 s after its revocation reached the bus. Any process repeats each step until it is done: until
 * then the slot stays taken, at most to its own deadline. Returns how many slots still wait.
 */
export async function revokeGivenBack(deps: RevokeDeps, sale: string): Promise<number> {
  for (let waiting = 0; ; ) {
    const page = await readLeaving(deps.line, sale, waiting)
    if (page.length === 0) return waiting
    const known = await findKnown(deps, sale, page)
    const unknown = page.filter(({ slot }) => !known.has(slot))
    if (unknown.length > 0) await recordRevocations(deps, sale, unknown)
    const slots = page.flatMap(({ slot }) => (known.get(slot) === true ? [slot] : []))
    const returned = slots.length === 0 ? [] : await returnSlots(deps.line, sale, { slots, reason: 'left' })
    if (returned.length > 0)
      deps.log.info({ step: 'slot.returned', sale, slots: returned, reason: 'revoked' }, 'slots returned')
    // Slots that stay are skipped: a page of long orders does not block what is behind it.
    waiting += page.length - returned.length
    if (page.length < PAGE_SLOTS) return waiting
  }
}

/** Records which admissions the order core reports void; safe to repeat. */
export async function noteVoided(pool: Pool, passes: readonly { sale: string; slot: string }[]): Promise<void> {
  await pool.query({
    name: 'note-voided',
    text: `update rooms.revocations as revoked set voided_at = now()
      from (select * from unnest($1::text[], $2::text[]) as pass (sale, slot) order by 1, 2) as pass
      where revoked.sale = pass.sale and revoked.slot = pass.slot and voided_at is null`,
    values: [passes.map(({ sale }) => sale), passes.map(({ slot }) => slot)],
  })
}

async function readLeaving({ redis }: LineRedis, sale: string, from: number): Promise<readonly LeavingSlot[]> {
  const keys = lineKeys(sale)
  return await whileRedisIsThere(async () => {
    const names = await redis.zrange(keys.leaving, String(from), String(from + PAGE_SLOTS - 1))
    if (names.length === 0) return []
    const entries = await redis.hmget(keys.slots, ...names)
    return names.map((slot, index) => {
      const deadlineMs = Number(entries[index]?.split(' ')[3] ?? 0)
      return { slot, passExpiresAt: new Date(admissionExpiresAtMs(deadlineMs)) }
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

/**
 * Finds slots whose revocation is committed, with whether they may return. The revocation reached the bus when its
 * outbox row was sent; that row is deleted some time later.
 */
async function findKnown(
  { pool, config }: RevokeDeps,
  sale: string,
  leaving: readonly LeavingSlot[],
): Promise<ReadonlyMap<string, boolean>> {
  const { rows } = await pool.query<{ slot: string; mayReturn: boolean }>({
    name: 'known-revocations',
    text: `select slot, (voided_at is not null or $4) and revoked_at < now() - make_interval(secs => $3)
       and not exists (select from rooms.outbox where type = 'admission.revoked.v1' and key = revoked.slot
         and (sent_at is null or sent_at > now() - make_interval(secs => $3))) as "mayReturn"
     from rooms.revocations revoked where sale = $1 and slot = any($2)`,
    values: [sale, leaving.map(({ slot }) => slot), REVOKED_SECONDS, config.passesVoidedBy === 'nobody'],
  })
  return new Map(rows.map(({ slot, mayReturn }) => [slot, mayReturn]))
}
