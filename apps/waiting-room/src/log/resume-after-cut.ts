import type { PoolClient } from 'pg'
import { lineKeys } from '../line/keys.ts'
import { type LineRedis, whileRedisIsThere } from '../line/line-redis.ts'
import type { OpenSlot } from './fold-log.ts'
import { openSlots } from './line-summary.ts'
import { bitsOfBytes, CHUNK_BYTES } from './served-chunks.ts'

const PAGE_SLOTS = 1_000
const PAGE_CHUNKS = 64

type Both = { readonly line: LineRedis; readonly client: PoolClient }

/**
 * Replaces a sale's summary by what its line in Redis says, after the stream was cut before it could be archived. Counts are
 * those at one entry of the log, from which adding up goes on; slots and places may be newer, and adding them twice changes nothing.
 */
export async function resumeAfterCut(both: Both, sale: string): Promise<void> {
  const reachedMs = await replaceTotals(both, sale)
  // What is newer was archived before Redis lost it.
  await both.client.query('delete from rooms.open_slots where sale = $1 and admitted_ms <= $2', [sale, reachedMs])
  await copySlots(both, sale)
  await copyServed(both, sale)
}

async function replaceTotals({ line, client }: Both, sale: string): Promise<string> {
  const keys = lineKeys(sale)
  const replies = await whileRedisIsThere(() =>
    line.redis
      .multi()
      .xrevrange(keys.log, '+', '-', 'COUNT', 1)
      .hmget(keys.sale, 'loggedCounter', 'joined', 'admitted', 'returned')
      .exec(),
  )
  const [newest, counts] = (replies ?? []).map(([, reply]) => reply) as [[string, string[]][], (string | null)[]]
  const [reachedMs = '0', reachedSeq = '0'] = (newest[0]?.[0] ?? '0-0').split('-')
  await client.query(
    `update rooms.lines set reached_ms = $2, reached_seq = $3, highest_place = greatest(highest_place, $4::bigint),
       joined = $5, admitted = $6, returned = $7 where sale = $1`,
    [sale, reachedMs, reachedSeq, ...counts.map((count) => count ?? '0')],
  )
  return reachedMs
}

async function copySlots({ line, client }: Both, sale: string): Promise<void> {
  const keys = lineKeys(sale)
  for (let cursor = '', from = 0; cursor !== '0'; from += 1) {
    const [next, flat] = await whileRedisIsThere(() =>
      line.redis.zscan(keys.active, from === 0 ? '0' : cursor, 'COUNT', PAGE_SLOTS),
    )
    cursor = next
    const names = flat.filter((_, index) => index % 2 === 0)
    if (names.length === 0) continue
    const [entries, holds] = await whileRedisIsThere(() =>
      Promise.all([line.redis.hmget(keys.slots, ...names), line.redis.hmget(keys.held, ...names)]),
    )
    const slots = names.flatMap((slot, index) => {
      const [buyer, place, admittedMs, deadlineMs, kid] = (entries[index] ?? '').split(' ')
      if (buyer === undefined || kid === undefined) return []
      const [order, created] = (holds[index] ?? '').split(' ')
      const times = {
        admittedMs: Number(admittedMs),
        deadlineMs: Number(deadlineMs),
        untilMs: Number(flat[2 * index + 1]),
      }
      const newest = { order: order || undefined, orderCreatedMs: created === undefined ? undefined : Number(created) }
      return [{ slot, buyer, place: Number(place), kid, ...times, ...newest } satisfies OpenSlot]
    })
    await openSlots(client, sale, slots)
  }
}

async function copyServed({ line, client }: Both, sale: string): Promise<void> {
  const { served } = lineKeys(sale)
  const length = await whileRedisIsThere(() => line.redis.strlen(served))
  for (let page = 0; page * PAGE_CHUNKS * CHUNK_BYTES < length; page += 1) {
    const from = page * PAGE_CHUNKS * CHUNK_BYTES
    const to = from + PAGE_CHUNKS * CHUNK_BYTES - 1
    const bytes = await whileRedisIsThere(() => line.redis.getrangeBuffer(served, from, to))
    const chunks = Array.from({ length: Math.ceil(bytes.length / CHUNK_BYTES) }, (_, index) => index)
    await client.query(
      `insert into rooms.served as served (sale, chunk, bits)
       select $1, chunk, bits::bit(8192) from unnest($2::int[], $3::text[]) as page (chunk, bits)
       on conflict (sale, chunk) do update set bits = served.bits | excluded.bits`,
      [
        sale,
        chunks.map((chunk) => page * PAGE_CHUNKS + chunk),
        chunks.map((chunk) => bitsOfBytes(bytes.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES))),
      ],
    )
  }
}
