import { randomBytes } from 'node:crypto'
import type { SaleState } from '@floodgate/contracts'
import { defineLineScript, type LineRedis } from '../redis/line-redis.ts'
import type { NotThere } from '../redis/replies.ts'

const admitScript = defineLineScript(new URL('./admit.lua', import.meta.url))
const admitNobodyScript = defineLineScript(new URL('./admit-nobody.lua', import.meta.url))

export interface Admitted {
  readonly slot: string
  readonly buyer: string
  readonly place: number
}

export type Tick =
  | NotThere
  | {
      readonly kind: 'ok'
      readonly nowMs: number
      readonly state: SaleState
      /** An act of the schedule that is not recorded in Postgres yet. */
      readonly due: 'open' | 'close' | undefined
      /** Slots past their deadline, to be returned. */
      readonly overdue: number
      /** Slots whose buyers did not show up in time, to be returned. */
      readonly unclaimed: number
      /** Absent buyers set aside by this tick. */
      readonly setAside: number
      /**
       * Since the last tick: buyers who returned within an interval of being set aside, and buyers overtaken. Both
       * should be 0.
       */
      readonly returnedSoon: number
      readonly inversions: number
      /** Counts after this tick. */
      readonly waiting: number
      readonly active: number
      /** When the schedule acts next; 0 for never. */
      readonly scheduledMs: number
      readonly newestLogId: string
      readonly highestPlace: number
      /** Slots given back whose admission is not revoked yet. */
      readonly leaving: number
      readonly admitted: readonly Admitted[]
    }

type TickReply = [
  kind: Tick['kind'],
  nowMs: number,
  state: SaleState,
  due: '' | 'open' | 'close',
  overdue: number,
  unclaimed: number,
  setAside: number,
  returnedSoon: number,
  inversions: number,
  waiting: number,
  active: number,
  scheduledMs: number,
  newestLogId: string,
  highestPlace: number,
  leaving: number,
  ...admitted: string[],
]

/** Runs the tick of one sale: see admit.lua. `rateShare`: the share of its rate at which it admits now. */
export async function admit(line: LineRedis, sale: string, kid: string, rateShare = 1): Promise<Tick> {
  // 96 random bits: a slot is the key of an order, so its name must never repeat, not even after a loss of Redis.
  const args = [line.runId(sale), randomBytes(12).toString('hex'), kid, '', rateShare]
  return tickOf((await line.run(admitScript, sale, args)) as TickReply)
}

/** Runs the tick without admissions, also where Redis' memory is full: see admit-nobody.lua. */
export async function admitNobody(line: LineRedis, sale: string): Promise<Tick> {
  const args = [line.runId(sale), '', '', 'nobody']
  return tickOf((await line.run(admitNobodyScript, sale, args)) as TickReply)
}

function tickOf(reply: TickReply): Tick {
  const [kind, nowMs, state, due, overdue, unclaimed, setAside, returnedSoon, inversions, ...now] = reply
  if (kind !== 'ok') return { kind }
  const [waiting, active, scheduledMs, newestLogId, highestPlace, leaving, ...rest] = now
  const admitted: Admitted[] = []
  for (let at = 0; at + 2 < rest.length; at += 3)
    admitted.push({ slot: rest[at] ?? '', buyer: rest[at + 1] ?? '', place: Number(rest[at + 2]) })
  return {
    ...{ kind, nowMs, state, due: due === '' ? undefined : due },
    ...{ overdue, unclaimed, setAside, returnedSoon, inversions },
    ...{ waiting, active, scheduledMs, newestLogId, highestPlace, leaving },
    admitted,
  }
}
