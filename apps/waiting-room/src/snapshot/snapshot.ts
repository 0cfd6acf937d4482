import {
  EXTENSIONS_DEFAULT,
  type PublicSaleState,
  type SaleCounts,
  type SaleFairness,
  type SaleIdentity,
  type SaleState,
  type Supply,
} from '@floodgate/contracts'
import { defineLineScript, type LineRedis } from '../redis/line-redis.ts'
import { type LogRecord, parseLogRecord } from './log-record.ts'

const snapshotScript = defineLineScript(new URL('./snapshot.lua', import.meta.url))
const ENTRIES_MAX = 2_000

/** A line at one moment of Redis' time; the number rises with that time and orders the responses. */
export interface Snapshot {
  readonly sale: string
  readonly number: number
  readonly version: number
  readonly name: string
  readonly state: SaleState
  readonly publicState: PublicSaleState
  readonly admitPerSecond: number
  readonly maxActive: number
  readonly admissionTtlSeconds: number
  readonly claimSeconds: number
  readonly returnSeconds: number
  /** How often a buyer may extend its turn. */
  readonly extensionsMax: number
  readonly opensAtMs: number | undefined
  readonly closesAtMs: number | undefined
  /** Origins whose pages may show the sale's page in a frame. */
  readonly frameOrigins: readonly string[]
  /** Origins of the shop to which admitted buyers may return. */
  readonly returnOrigins: readonly string[]
  /** Where an admitted buyer without an allowed return URL goes. */
  readonly defaultReturnUrl: string | null
  /** Whose ID tokens it takes; null: buyers are anonymous. */
  readonly identity: SaleIdentity | null
  /** Language for buyers (BCP 47); null: by each buyer's Accept-Language. */
  readonly language: string | null
  /** What the sale has left; undefined: not known, or sold elsewhere. */
  readonly supply: Supply | undefined
  readonly openedAtMs: number
  /** The step of 100 ms in which the line was last ticked. */
  readonly tickedAtMs: number
  readonly counts: SaleCounts
  /** Waiting buyers who were set aside and returned. */
  readonly returners: number
  /** The schedule acted in Redis, and Postgres does not know it yet. */
  readonly isDue: boolean
  /** Slots that were given back and whose admissions are not revoked yet. */
  readonly leaving: number
  /** After a loss of Redis: places up to this one may be missing in the line until their tickets are shown; else 0. */
  readonly restoreBelow: number
  /** The last place of the window (see window.inc.lua): up to it presence is judged. */
  readonly edge: number
  /** Buyers of the line up to that place. */
  readonly window: number
  /** Share of buyers who were present when recently judged. */
  readonly presentShare: number
  readonly fairness: SaleFairness
  /** `fairness.rateError` while it is of the present: null once buyers have not been due for some time. */
  readonly presentRateError: number | null
  /** For how long no buyer has been admitted although one is due; 0 while none is. */
  readonly stallSeconds: number
  /** Places consumed in the last 10 s: admissions and set-asides. */
  readonly consumedIn10s: number
  /** `[rank, place]`, ascending. Ranks count returners, who go first. */
  readonly marks: readonly (readonly [number, number])[]
  readonly newestLogId: string
  /** Entries of the log since the requested id. */
  readonly entries: readonly LogRecord[]
}

const pairs = (flat: readonly number[]): [number, number][] => {
  const marks: [number, number][] = []
  for (let at = 0; at + 1 < flat.length; at += 2) marks.push([Number(flat[at]), Number(flat[at + 1])])
  return marks
}

const hashOf = (flat: readonly string[]) => {
  const fields = new Map<string, string>()
  for (let at = 0; at + 1 < flat.length; at += 2) fields.set(flat[at] ?? '', flat[at + 1] ?? '')
  return function field(name: string): string {
    return fields.get(name) ?? ''
  }
}

/** Null where no window of demand has ended lately: nothing is known of the present. */
const presentRateErrorOf = (field: ReturnType<typeof hashOf>, nowMs: number): number | null => {
  if (field('rateError') === '') return null
  // A sale measured by an older process does not say until when.
  return nowMs <= Number(field('rateErrorUntil') || nowMs) ? Number(field('rateError')) : null
}

/** Reads a line in one call; undefined when Redis has no such sale. `after`: also returns the log after that id. */
export async function readSnapshot(line: LineRedis, sale: string, after = ''): Promise<Snapshot | undefined> {
  const reply = (await line.run(snapshotScript, sale, [after, ENTRIES_MAX])) as
    | []
    | [number, string[], number, number, number, number, number, string, number[], [string, string[]][], number, number]
  if (reply.length === 0) return undefined
  const [now, fields, waiting, away, back, active, consumedIn10s, newestLogId, marks, entries, window, oldestJoinedMs] =
    reply
  const field = hashOf(fields)
  const state = field('state') as SaleState
  const recovering = Number(field('recoveringUntil')) > now && state !== 'closed' && state !== 'scheduled'
  return {
    sale,
    number: now,
    version: Number(field('version')),
    name: field('name'),
    state,
    publicState: recovering ? 'recovering' : state,
    admitPerSecond: Number(field('rate')),
    maxActive: Number(field('maxActive')),
    admissionTtlSeconds: Number(field('ttlMs')) / 1_000,
    claimSeconds: Number(field('claimMs')) / 1_000,
    returnSeconds: Number(field('returnMs')) / 1_000,
    // A sale written by an older process has no value.
    extensionsMax: Number(field('extensionsMax') || EXTENSIONS_DEFAULT),
    opensAtMs: Number(field('opensAt')) || undefined,
    closesAtMs: Number(field('closesAt')) || undefined,
    frameOrigins: field('frames').split(' ').filter(Boolean),
    // A sale written by an older process has neither.
    returnOrigins: field('returnOrigins').split(' ').filter(Boolean),
    defaultReturnUrl: field('defaultReturnUrl') || null,
    identity: field('identity') === '' ? null : (JSON.parse(field('identity')) as SaleIdentity),
    language: field('language') || null,
    supply: (field('supply') as Supply) || undefined,
    openedAtMs: Number(field('openedAt')),
    tickedAtMs: Number(field('stamp')),
    counts: {
      joined: Number(field('joined')),
      waiting: waiting + back,
      away,
      active,
      admitted: Number(field('admitted')),
      returned: Number(field('returned')),
    },
    returners: back,
    isDue: field('due') !== '',
    leaving: Number(field('leaving')),
    restoreBelow: Number(field('restoreBelow')),
    edge: Number(field('edge')),
    window,
    presentShare: Number(field('presentShare') || 1),
    fairness: {
      oldestWaiterSeconds: oldestJoinedMs === 0 ? null : Math.max(0, (now - oldestJoinedMs) / 1_000),
      rateError: field('rateError') === '' ? null : Number(field('rateError')),
      longestStallSeconds: Number(field('longestStallMs')) / 1_000,
      inversions: Number(field('inversions')),
      setAsideTooSoon: Number(field('returnedSoon')),
    },
    presentRateError: presentRateErrorOf(field, now),
    // Between two admissions at a slow rate nobody is due.
    stallSeconds: Math.max(0, Number(field('stalledMs')) - 1_000 / Number(field('rate'))) / 1_000,
    consumedIn10s,
    marks: pairs(marks),
    newestLogId,
    entries: entries.map(([id, body]) => parseLogRecord(id, body)),
  }
}
