import { defineScript, runScript } from '@floodgate/redis'
import type { PoolClient } from 'pg'
import { lineKeys } from '../redis/keys.ts'
import { type LineRedis, redisUnavailable, whileRedisIsThere } from '../redis/line-redis.ts'
import { parseSlot } from '../redis/replies.ts'
import type { OpenSlot } from './fold-log.ts'
import { markServed, openSlots, readServed } from './line-summary.ts'
import { bitsOfBytes, CHUNK_BYTES, CHUNK_PLACES, placesOnlyIn } from './served-chunks.ts'

const PAGE_SLOTS = 1_000
const PAGE_CHUNKS = 64

const totalsScript = defineScript({
  name: 'read-totals',
  file: new URL('./read-totals.lua', import.meta.url),
  numberOfKeys: 2,
})

interface Both {
  readonly line: LineRedis
  readonly client: PoolClient
}

/**
 * Replaces a sale's summary by the state of its line in Redis, after the stream was cut before it could be archived.
 * Counts are those at one entry of the log, from which the summary continues; slots and places may be newer, and adding
 * them twice changes nothing. Throws when Redis was lost meanwhile, since the reads then mix two lines.
 */
export async function resumeAfterCut(both: Both, sale: string): Promise<void> {
  const runId = both.line.runId(sale)
  await replaceTotals(both, sale)
  // No archived entry is newer than the cut, which Redis still has: it knows every open slot.
  await both.client.query('delete from rooms.open_slots where sale = $1', [sale])
  await copySlots(both, sale)
  await copyServed(both, sale)
  if (both.line.runId(sale) !== runId) throw redisUnavailable()
}

async function replaceTotals({ line, client }: Both, sale: string): Promise<void> {
  const keys = lineKeys(sale)
  const call = { keys: [keys.sale, keys.log], args: [] }
  const reply = await whileRedisIsThere(() => runScript(line.redis, totalsScript, call))
  const [newestId, counts] = reply as [string, (string | null)[]]
  // The entry that started this is gone, and the line with it.
  if (newestId === '') throw redisUnavailable()
  const [reachedMs = '0', reachedSeq = '0'] = newestId.split('-')
  const [counter = 0, loggedCounter = 0, joined = 0, admitted = 0, returned = 0] = counts.map(Number)
  // The entry of the next tick counts joins since the last one.
  const loggedJoins = joined - (counter - loggedCounter)
  await client.query(
    `update rooms.lines set reached_ms = $2, reached_seq = $3, highest_place = greatest(highest_place, $4::bigint),
       joined = $5, admitted = $6, returned = $7 where sale = $1`,
    [sale, reachedMs, reachedSeq, loggedCounter, loggedJoins, admitted, returned],
  )
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
      const open = parseSlot(slot, entries[index] ?? '')
      if (open.kid === '') return []
      const [order, created] = (holds[index] ?? '').split(' ')
      const untilMs = Number(flat[2 * index + 1])
      const newest = { order: order || undefined, orderCreatedMs: created === undefined ? undefined : Number(created) }
      return [{ ...open, untilMs, ...newest } satisfies OpenSlot]
    })
    await openSlots(client, sale, slots)
  }
}

async function copyServed({ line, client }: Both, sale: string): Promise<void> {
  const { served } = lineKeys(sale)
  const length = await whileRedisIsThere(() => line.redis.strlen(served))
  for (let page = 0; ; page += 1) {
    const first = page * PAGE_CHUNKS
    const archived = await readServed(client, sale, { after: first - 1, limit: PAGE_CHUNKS })
    if (archived.length === 0 && first * CHUNK_BYTES >= length) return
    const [from, to] = [first * CHUNK_BYTES, (first + PAGE_CHUNKS) * CHUNK_BYTES - 1]
    const bytes = await whileRedisIsThere(() => line.redis.getrangeBuffer(served, from, to))
    const chunks = Array.from({ length: Math.ceil(bytes.length / CHUNK_BYTES) }, (_, index) => first + index)
    const bytesOf = (chunk: number) => bytes.subarray((chunk - first) * CHUNK_BYTES, (chunk - first + 1) * CHUNK_BYTES)
    await client.query(
      `insert into rooms.served as served (sale, chunk, bits)
       select $1, chunk, bits::bit(8192) from unnest($2::int[], $3::text[]) as page (chunk, bits)
       on conflict (sale, chunk) do update set bits = served.bits | excluded.bits`,
      [sale, chunks, chunks.map((chunk) => bitsOfBytes(bytesOf(chunk)))],
    )
    const freed = new Map<number, boolean>()
    for (const { chunk, bytes: known } of archived) {
      if (chunk >= first + PAGE_CHUNKS) continue
      const places = placesOnlyIn(known, bytesOf(chunk)).map((place) => chunk * CHUNK_PLACES + place)
      for (const place of await waitingAmong({ line, sale }, places)) freed.set(place, false)
    }
    await markServed(client, sale, freed)
  }
}

/** Finds the places that still wait among neighbouring ones: the entry that returned their unclaimed slots was cut. */
async function waitingAmong(
  { line, sale }: { readonly line: LineRedis; readonly sale: string },
  places: readonly number[],
): Promise<readonly number[]> {
  const [first, last] = [places[0], places.at(-1)]
  if (first === undefined || last === undefined) return []
  const keys = lineKeys(sale)
  const queues = await whileRedisIsThere(() =>
    Promise.all(
      [keys.line, keys.absent, keys.returning].map((queue) =>
        line.redis.zrangebyscore(queue, first, last, 'WITHSCORES'),
      ),
    ),
  )
  const waiting = new Set(queues.flatMap((flat) => flat.filter((_, index) => index % 2 === 1).map(Number)))
  return places.filter((place) => waiting.has(place))
}
