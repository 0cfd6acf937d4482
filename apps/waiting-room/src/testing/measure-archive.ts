// Measures how fast a line's log is archived, beside a plain INSERT of the same rows. The real scripts write the log on
// a virtual clock: admissions at 10,000/s whose slots return two seconds later. Both start from the same stream, in
// turns. Prints JSON. Usage: measure-archive.ts REDIS_URL DATABASE_URL ADMISSIONS ROUNDS
import { randomBytes } from 'node:crypto'
import { closePool, createPool, withTransaction } from '@floodgate/database'
import type { Pool } from 'pg'
import { admit } from '../admission/admit.ts'
import { archiveLog } from '../archive/archive-log.ts'
import { notePresence } from '../line/presence.ts'
import { lineKeys } from '../redis/keys.ts'
import { returnSlots } from '../slots/return-slot.ts'
import { connectVirtualLine, type VirtualLine } from './virtual-line.ts'

const RATE_PER_SECOND = 10_000
const STEP_MS = 100
const PRESENT_MS = 60_000
const PRESENT_AT_ONCE = 1_500
const PORTION = 250
/** Slots return after this many ticks. */
const INSIDE_TICKS = 20
const TICKS_MAX = 10_000
const BUYER_BYTES = 16
const PLAIN_ROWS = 10_000
const KID = randomBytes(8).toString('base64url')

const [redisUrl, databaseUrl, wanted, wantedRounds] = process.argv.slice(2)
const [admissions, rounds] = [Number(wanted), Number(wantedRounds)]
if (redisUrl === undefined || databaseUrl === undefined || !(admissions >= 1) || !(rounds >= 1))
  throw new Error('Usage: measure-archive.ts REDIS_URL DATABASE_URL ADMISSIONS ROUNDS')
const virtual = await connectVirtualLine(redisUrl)
const pool = createPool(databaseUrl, { max: 4 })
try {
  process.stdout.write(`${JSON.stringify(await measure())}\n`)
} finally {
  await virtual.close()
  await closePool(pool)
}

async function measure() {
  const { id: sale } = await virtual.openSale({ admitPerSecond: RATE_PER_SECOND })
  await letThrough(virtual, sale)
  const { log, sale: hash } = lineKeys(sale)
  const entries = await virtual.redis.xlen(log)
  const counts = (await virtual.redis.hmget(hash, 'joined', 'admitted', 'returned')).map(Number)
  const turns: { archiveMs: number; archiveCpuMs: number; plainMs: number }[] = []
  const faults: string[] = []
  for (let round = 0; round < rounds; round += 1) {
    await pool.query('truncate rooms.archived_log, rooms.lines, rooms.open_slots, rooms.served')
    const archived = await timed(() => archiveAll(sale))
    faults.push(...(await faultsOf(sale, { entries, counts })))
    const plain = await insertPlainly(pool)
    turns.push({ archiveMs: archived.ms, archiveCpuMs: archived.cpuMs, plainMs: plain.ms })
  }
  return { admissions, entries, turns, faults }
}

async function letThrough({ redis, line, clock, ...here }: VirtualLine, sale: string): Promise<void> {
  const names = Array.from({ length: admissions }, () => randomBytes(BUYER_BYTES).toString('base64url'))
  await here.joinMany(sale, names)
  const inside: string[][] = []
  let admitted = 0
  for (let ticks = 0; admitted < admissions || inside.length > 0; ticks += 1) {
    if (ticks > TICKS_MAX) throw new Error(`${admitted} of ${admissions} buyers were admitted, and then none.`)
    const next = names.slice(admitted, admitted + PRESENT_AT_ONCE)
    const present = next.map((buyer, index) => ({ buyer, place: admitted + index + 1, presentMs: PRESENT_MS }))
    if (present.length > 0) await notePresence(line, sale, present)
    clock.advance(STEP_MS)
    const tick = await admit(line, sale, KID)
    if (tick.kind !== 'ok') throw new Error(`The tick returned ${tick.kind}.`)
    admitted += tick.admitted.length
    if (tick.admitted.length > 0) inside.push(tick.admitted.map(({ slot }) => slot))
    const leaving = inside.length > INSIDE_TICKS || admitted === admissions ? (inside.shift() ?? []) : []
    for (let from = 0; from < leaving.length; from += PORTION)
      await returnSlots(line, sale, { slots: leaving.slice(from, from + PORTION), reason: 'finished' })
  }
}

async function archiveAll(sale: string): Promise<void> {
  while ((await archiveLog({ line: virtual.line, pool }, sale))?.isBehind !== false);
}

/**
 * Inserts the rows that were just archived, without Redis and summaries, to measure Postgres only.
 */
async function insertPlainly(on: Pool): Promise<{ ms: number }> {
  await on.query('create table if not exists plain_log (like rooms.archived_log including all)')
  await on.query('truncate plain_log')
  const { rows } = await on.query<Record<'sale' | 'entry_ms' | 'entry_seq' | 'at' | 'kind' | 'body', unknown>>(
    'select sale, entry_ms, entry_seq, at, kind, body::text from rooms.archived_log order by entry_ms, entry_seq',
  )
  const columns = ['sale', 'entry_ms', 'entry_seq', 'at', 'kind', 'body'] as const
  return await timed(async () => {
    for (let from = 0; from < rows.length; from += PLAIN_ROWS) {
      const some = rows.slice(from, from + PLAIN_ROWS)
      await withTransaction(on, (client) =>
        client.query(
          `insert into plain_log (sale, entry_ms, entry_seq, at, kind, body)
           select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::text[], $6::jsonb[])`,
          columns.map((column) => some.map((row) => row[column])),
        ),
      )
    }
  })
}

async function timed(work: () => Promise<void>): Promise<{ ms: number; cpuMs: number }> {
  const [startedMs, cpu] = [performance.now(), process.cpuUsage()]
  await work()
  const { user, system } = process.cpuUsage(cpu)
  return { ms: performance.now() - startedMs, cpuMs: (user + system) / 1_000 }
}

/** Checks that everything is in the archive, and that its sums match the line. */
async function faultsOf(sale: string, expected: { entries: number; counts: readonly number[] }): Promise<string[]> {
  const { rows: archived } = await pool.query<{ count: number }>('select count(*) as count from rooms.archived_log')
  const { rows: lines } = await pool.query<{ joined: number; admitted: number; returned: number; open: number }>(
    `select joined, admitted, returned, (select count(*) from rooms.open_slots) as open,
       (select sum(bit_count(bits)) from rooms.served) as served from rooms.lines where sale = $1`,
    [sale],
  )
  const seen = JSON.stringify({ entries: archived[0]?.count, ...lines[0] })
  const [joined, admitted, returned] = expected.counts
  const wantedCounts = { entries: expected.entries, joined, admitted, returned, open: 0, served: String(admissions) }
  return seen === JSON.stringify(wantedCounts) ? [] : [`archived ${seen} instead of ${JSON.stringify(wantedCounts)}`]
}
