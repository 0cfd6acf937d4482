import { defineScript } from '@floodgate/redis'
import type { Logger } from '@floodgate/service'
import type { Pool } from 'pg'
import type { LineKeys } from '../line/keys.ts'
import type { LineRedis } from '../line/line-redis.ts'
import { readArchiveSummary } from '../log/archive-store.ts'

const recoverKeys = [
  'sale',
  'line',
  'seen',
  'away',
  'back',
  'active',
  'slots',
  'inside',
  'ended',
  'log',
] as const satisfies (keyof LineKeys)[]
const recoverScript = defineScript({
  name: 'recover',
  file: new URL('./recover.lua', import.meta.url),
  numberOfKeys: recoverKeys.length,
})
/** More places than can be given in the seconds that a lost Redis and the archive may be behind. */
const placeMargin = 100_000

/**
 * Starts a sale over on a Redis that was restarted or replaced. Safe to run at any time, by any number of processes.
 *
 * Guaranteed: nobody is admitted for `recoveryMs`; a ticket keeps its place; no place is given twice. Slots that the
 * archived log shows as open count again, so that `maxActive` holds but for the admissions of the last seconds, which
 * neither Redis nor the archive had: whoever got one of those keeps a valid pass and, when it shows its ticket again,
 * also a place at the head of the line, so it may be admitted a second time. Stock and buyer limits stand above that.
 */
export const recoverSale = async (options: {
  line: LineRedis
  pool: Pool
  log: Logger
  sale: string
  highestPlaceSeen: number
  recoveryMs: number
}): Promise<void> => {
  const { line, sale, log } = options
  const archive = await readArchiveSummary(options.pool, sale).catch((error: unknown) => {
    // Postgres is away too: what Redis kept and what this process saw has to do.
    log.warn({ sale, error }, 'recovering a sale without its archived log')
    return { highestPlace: 0, joined: 0, admitted: 0, returned: 0, openSlots: [] }
  })
  const done = await line.run(recoverScript, sale, {
    keys: recoverKeys,
    args: [
      line.runId(),
      Math.max(archive.highestPlace, options.highestPlaceSeen),
      placeMargin,
      options.recoveryMs,
      archive.joined,
      archive.admitted,
      archive.returned,
      ...archive.openSlots.flatMap((slot) => [
        slot.slot,
        `${slot.buyer} ${slot.place} ${slot.admittedMs} ${slot.deadlineMs} ${slot.kid}`,
      ]),
    ],
  })
  if (done === 1) log.warn({ sale, openSlots: archive.openSlots.length }, 'Redis was lost: the sale recovers')
}
