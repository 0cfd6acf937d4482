import type { Pool, PoolClient } from 'pg'
import type { LogRecord } from '../snapshot/log-record.ts'
import { type FoldedLog, foldLog, type OpenSlot } from './fold-log.ts'
import { numberArray } from './number-array.ts'
import { bytesOfBits, chunkChanges } from './served-chunks.ts'

export interface LineTotals {
  /** The id of the last summarised entry; `0-0` for none. */
  readonly reached: string
  readonly highestPlace: number
  readonly joined: number
  readonly admitted: number
  readonly returned: number
}

const NOTHING: LineTotals = { reached: '0-0', highestPlace: 0, joined: 0, admitted: 0, returned: 0 }

interface LineRow {
  reached_ms: number
  reached_seq: number
  highest_place: number
  joined: number
  admitted: number
  returned: number
}

type Queries = Pick<Pool | PoolClient, 'query'>

export async function readLineTotals(client: Queries, sale: string): Promise<LineTotals> {
  const { rows } = await client.query<LineRow>(
    `select reached_ms, reached_seq, highest_place, joined, admitted, returned from rooms.lines where sale = $1`,
    [sale],
  )
  const [row] = rows
  if (row === undefined) return NOTHING
  const { reached_ms, reached_seq, highest_place: highestPlace, joined, admitted, returned } = row
  return { reached: `${reached_ms}-${reached_seq}`, highestPlace, joined, admitted, returned }
}

interface SlotRow {
  slot: string
  place: number
  buyer: string
  admitted_ms: number
  deadline_ms: number
  kid: string
  until_ms: number
  order_id: string | null
  order_created_ms: number | null
  extensions: number
  is_revoked: boolean
}

/** An open slot, with whether its buyer gave it back. */
export interface RestorableSlot extends OpenSlot {
  readonly isRevoked: boolean
}

/** Reads open slots after a name, in the order of their names: one page of a recovery. */
export async function readOpenSlots(
  client: Queries,
  sale: string,
  { after, limit }: { after: string; limit: number },
): Promise<readonly RestorableSlot[]> {
  const { rows } = await client.query<SlotRow>(
    `select slot, place, buyer, admitted_ms, deadline_ms, kid, until_ms, order_id, order_created_ms, extensions,
       exists (select from rooms.revocations as revoked where revoked.sale = open.sale and revoked.slot = open.slot) as is_revoked
     from rooms.open_slots as open where sale = $1 and slot > $2 order by slot limit $3`,
    [sale, after, limit],
  )
  return rows.map((row) => ({
    slot: row.slot,
    buyer: row.buyer,
    place: row.place,
    admittedMs: row.admitted_ms,
    deadlineMs: row.deadline_ms,
    kid: row.kid,
    untilMs: row.until_ms,
    order: row.order_id ?? undefined,
    orderCreatedMs: row.order_created_ms ?? undefined,
    extensions: row.extensions,
    isRevoked: row.is_revoked,
  }))
}

export interface ServedChunk {
  readonly chunk: number
  readonly bytes: Buffer
}

/** Reads served places after a chunk: one page of a recovery. */
export async function readServed(
  client: Queries,
  sale: string,
  { after, limit }: { after: number; limit: number },
): Promise<readonly ServedChunk[]> {
  const { rows } = await client.query<{ chunk: number; bits: string }>(
    'select chunk, bits::text as bits from rooms.served where sale = $1 and chunk > $2 order by chunk limit $3',
    [sale, after, limit],
  )
  return rows.map(({ chunk, bits }) => ({ chunk, bytes: bytesOfBits(bits) }))
}

/** Adds archived entries to their sale's summary. They must follow what was summarised before. */
export async function addToSummary(
  client: PoolClient,
  sale: string,
  records: readonly LogRecord[],
): Promise<FoldedLog> {
  const folded = foldLog(records)
  const [reachedMs = '0', reachedSeq = '0'] = (records.at(-1)?.id ?? '0-0').split('-')
  await client.query(
    `insert into rooms.lines as line (sale, reached_ms, reached_seq, highest_place, joined, admitted, returned)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (sale) do update set reached_ms = excluded.reached_ms, reached_seq = excluded.reached_seq,
       highest_place = greatest(line.highest_place, excluded.highest_place), joined = line.joined + excluded.joined,
       admitted = line.admitted + excluded.admitted, returned = line.returned + excluded.returned`,
    [sale, reachedMs, reachedSeq, folded.highestPlace, folded.joined, folded.admitted, folded.returned],
  )
  await openSlots(client, sale, [...folded.opened.values()])
  if (folded.moved.size > 0)
    await client.query(
      `update rooms.open_slots as open set until_ms = moved.until_ms, order_id = moved.order_id,
         order_created_ms = moved.order_created_ms
       from unnest($2::text[], $3::bigint[], $4::text[], $5::bigint[]) as moved (slot, until_ms, order_id, order_created_ms)
       where open.sale = $1 and open.slot = moved.slot`,
      [
        sale,
        [...folded.moved.keys()],
        ...(['untilMs', 'order', 'orderCreatedMs'] as const).map((name) =>
          [...folded.moved.values()].map((m) => m[name]),
        ),
      ],
    )
  if (folded.longer.size > 0) await lengthenSlots(client, sale, folded.longer)
  if (folded.closed.size > 0)
    await client.query('delete from rooms.open_slots where sale = $1 and slot = any($2)', [sale, [...folded.closed]])
  await markServed(client, sale, folded.served)
  return folded
}

/** Extends slots. Keeps a deadline that an order moved later. */
async function lengthenSlots(client: PoolClient, sale: string, longer: FoldedLog['longer']): Promise<void> {
  const turns = [...longer.values()]
  await client.query(
    `update rooms.open_slots as open set deadline_ms = longer.deadline_ms, extensions = longer.extensions,
       until_ms = greatest(open.until_ms, longer.deadline_ms)
     from unnest($2::text[], $3::bigint[], $4::int[]) as longer (slot, deadline_ms, extensions)
     where open.sale = $1 and open.slot = longer.slot`,
    [sale, [...longer.keys()], turns.map(({ deadlineMs }) => deadlineMs), turns.map(({ extensions }) => extensions)],
  )
}

export async function openSlots(client: PoolClient, sale: string, slots: readonly OpenSlot[]): Promise<void> {
  if (slots.length === 0) return
  await client.query(
    `insert into rooms.open_slots
       (sale, slot, place, buyer, admitted_ms, deadline_ms, kid, until_ms, order_id, order_created_ms, extensions)
     select $1, * from unnest($2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::bigint[], $9::text[], $10::bigint[], $11::int[])
     on conflict do nothing`,
    [
      sale,
      slots.map(({ slot }) => slot),
      numberArray(slots.map(({ place }) => place)),
      slots.map(({ buyer }) => buyer),
      numberArray(slots.map(({ admittedMs }) => admittedMs)),
      numberArray(slots.map(({ deadlineMs }) => deadlineMs)),
      slots.map(({ kid }) => kid),
      numberArray(slots.map(({ untilMs }) => untilMs)),
      slots.some(({ order }) => order !== undefined)
        ? slots.map(({ order }) => order ?? null)
        : numberArray(slots.map(() => undefined)),
      numberArray(slots.map(({ orderCreatedMs }) => orderCreatedMs)),
      numberArray(slots.map(({ extensions }) => extensions)),
    ],
  )
}

/** Marks places as served (true) or frees them (false). */
export async function markServed(client: PoolClient, sale: string, served: FoldedLog['served']): Promise<void> {
  const changes = chunkChanges(served)
  if (changes.length === 0) return
  await client.query(
    `insert into rooms.served as served (sale, chunk, bits)
     select $1, change.chunk, change.set_bits::bit(8192)
     from unnest($2::int[], $3::text[]) as change (chunk, set_bits)
     on conflict (sale, chunk) do update set bits = served.bits | excluded.bits`,
    [sale, changes.map(({ chunk }) => chunk), changes.map(({ set }) => set)],
  )
  const freed = changes.filter(({ keep }) => keep.includes('0'))
  if (freed.length === 0) return
  await client.query(
    `update rooms.served as served set bits = served.bits & change.keep_bits::bit(8192)
     from unnest($2::int[], $3::text[]) as change (chunk, keep_bits)
     where served.sale = $1 and served.chunk = change.chunk`,
    [sale, freed.map(({ chunk }) => chunk), freed.map(({ keep }) => keep)],
  )
}
