import { setTimeout as delay } from 'node:timers/promises'
import { advisoryLockKey, withTransaction } from '@floodgate/database'
import type { Logger } from '@floodgate/runtime'
import type { Pool, PoolClient } from 'pg'
import { archiveWholeLog } from '../archive/archive-log.ts'
import { type RestorableSlot, readLineTotals, readOpenSlots, readServed } from '../archive/line-summary.ts'
import { CHUNK_PLACES } from '../archive/served-chunks.ts'
import { lineKeys } from '../redis/keys.ts'
import {
  defineLineScript,
  type LineRedis,
  type LineScript,
  redisUnavailable,
  whileRedisIsThere,
} from '../redis/line-redis.ts'
import { projectSale } from './project-sale.ts'
import { findSale } from './sale-store.ts'

const recoverScript = defineLineScript(new URL('./recover.lua', import.meta.url))
const slotsScript = defineLineScript(new URL('./restore-slots.lua', import.meta.url))
const servedScript = defineLineScript(new URL('./restore-served.lua', import.meta.url))
/** More places than can be given in the seconds that a lost Redis and the archive may be behind. */
const PLACES_MARGIN = 100_000
const PAGE_SLOTS = 1_000
const PAGE_CHUNKS = 64
const LOCK_RETRY_MS = 100

interface Recovery {
  readonly line: LineRedis
  readonly pool: Pool
  readonly log: Logger
  readonly sale: string
  readonly highestPlaceSeen: number
  readonly recoveryMs: number
}

/**
 * Restarts a sale on a Redis that was restarted or replaced. Safe to run at any time, by any number of processes: one
 * of them reads the archive for all, by a lock. Throws while Postgres is unavailable: only the archive knows which
 * places were served.
 *
 * Guaranteed: no buyer is admitted for `recoveryMs`, or until every process vouched that nothing was lost; a ticket keeps
 * its place as long as it lives; no place is given twice; a place that the archive or Redis knows as served never
 * counts again; every slot they know as open counts towards `maxActive`, until its order's hold ends if it has one.
 * Acts of the lost second that no other process has seen are lost: see docs/adr/0020-served-places.md.
 */
export async function recoverSale(recovery: Recovery): Promise<void> {
  while (!(await isRecovered(recovery)) && !(await tryToRecover(recovery))) await delay(LOCK_RETRY_MS)
}

async function isRecovered({ line, sale }: Recovery): Promise<boolean> {
  const run = await whileRedisIsThere(() => line.redis.hget(lineKeys(sale).sale, 'run'))
  return run === null || run === line.runId(sale)
}

/** Returns false while another process recovers it. */
async function tryToRecover(recovery: Recovery): Promise<boolean> {
  const { pool, sale } = recovery
  return await withTransaction(pool, async (client) => {
    const key = advisoryLockKey(`rooms:recover:${sale}`)
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_xact_lock($1::bigint) as locked', [
      key,
    ])
    if (rows[0]?.locked !== true) return false
    if (!(await isRecovered(recovery))) await restore(recovery, client)
    return true
  })
}

async function restore(recovery: Recovery, client: PoolClient): Promise<void> {
  const { line, sale, log } = recovery
  const runId = line.runId(sale)
  // A page must not reach a Redis that was restarted once more: it would be incomplete there.
  async function run(script: LineScript, args: readonly (string | number | Buffer)[]) {
    if (line.runId(sale) !== runId) throw redisUnavailable()
    return await line.run(script, sale, [runId, ...args])
  }
  // An act of an operator may have been lost as well.
  const row = await findSale(client, sale)
  if (row !== undefined) await projectSale(line, row, { act: 'restored', isNew: false })
  await archiveWholeLog({ line, client }, sale)
  const openSlots = await restoreSlots((args) => run(slotsScript, args), { client, sale })
  await restoreServed((args) => run(servedScript, args), { client, sale })
  const totals = await readLineTotals(client, sale)
  const [archivedMs = '0'] = totals.reached.split('-')
  const outcome = await run(recoverScript, [
    Math.max(totals.highestPlace, recovery.highestPlaceSeen),
    PLACES_MARGIN,
    recovery.recoveryMs,
    totals.joined,
    totals.admitted,
    totals.returned,
    archivedMs,
  ])
  if (outcome === 'whole') log.warn({ sale, openSlots }, 'Redis restarted and lost nothing: sale continues')
  if (outcome === 'waiting' || outcome === 'lost') log.warn({ sale, openSlots }, 'Redis lost: sale recovers')
}

type Send = (args: readonly (string | number | Buffer)[]) => Promise<unknown>
interface From {
  readonly client: PoolClient
  readonly sale: string
}

async function restoreSlots(send: Send, { client, sale }: From): Promise<number> {
  for (let after = '', count = 0; ; ) {
    const slots = await readOpenSlots(client, sale, { after, limit: PAGE_SLOTS })
    if (slots.length > 0) await send(slots.flatMap(slotArguments))
    count += slots.length
    if (slots.length < PAGE_SLOTS) return count
    after = slots.at(-1)?.slot ?? after
  }
}

function slotArguments(open: RestorableSlot) {
  const { slot, buyer, place, admittedMs, deadlineMs, kid, untilMs, order, orderCreatedMs, isRevoked, extensions } =
    open
  // A declined order leaves the admission's own deadline.
  const holdEndMs = untilMs > deadlineMs ? untilMs : 0
  const held = order === undefined ? '' : `${order} ${orderCreatedMs} ${holdEndMs}`
  const longer = extensions > 0 ? ` ${extensions}` : ''
  return [slot, `${buyer} ${place} ${admittedMs} ${deadlineMs} ${kid}${longer}`, untilMs, held, isRevoked ? '1' : '']
}

async function restoreServed(send: Send, { client, sale }: From): Promise<void> {
  for (let after = -1; ; ) {
    const chunks = await readServed(client, sale, { after, limit: PAGE_CHUNKS })
    if (chunks.length > 0) await send([CHUNK_PLACES, ...chunks.flatMap(({ chunk, bytes }) => [chunk, bytes])])
    if (chunks.length < PAGE_CHUNKS) return
    after = chunks.at(-1)?.chunk ?? after
  }
}
