import { defineScript } from '@floodgate/redis'
import type { LineKeys } from '../redis/keys.ts'
import type { LineRedis } from '../redis/line-redis.ts'

const script = (name: string, keys: readonly (keyof LineKeys)[]) => ({
  script: defineScript({ name, file: new URL(`./${name}.lua`, import.meta.url), numberOfKeys: keys.length }),
  keys,
})

const joinScript = script('join', [
  'sale',
  'line',
  'seen',
  'away',
  'back',
  'keptUntil',
  'active',
  'slots',
  'inside',
  'leaving',
  'served',
  'left',
  'log',
])
const standingScript = script('buyer-state', [
  'sale',
  'line',
  'seen',
  'away',
  'back',
  'keptUntil',
  'active',
  'slots',
  'inside',
  'unclaimed',
  'leaving',
  'ended',
  'served',
  'left',
  'log',
])
const presenceScript = script('presence', [
  'sale',
  'line',
  'seen',
  'away',
  'back',
  'keptUntil',
  'inside',
  'served',
  'left',
  'log',
])
const leaveScript = script('leave', [
  'sale',
  'line',
  'seen',
  'away',
  'back',
  'keptUntil',
  'active',
  'inside',
  'unclaimed',
  'leaving',
  'served',
  'left',
  'log',
])

/** The line's Redis is another one than it was, or has no such sale: recover or project, then ask again. */
export type NotThere = { readonly kind: 'missing' } | { readonly kind: 'lost' }

export type Joined =
  | NotThere
  | { readonly kind: 'not-open' | 'closed' | 'full' | 'limited' }
  | { readonly kind: 'joined' | 'known'; readonly place: number; readonly position: number; readonly nowMs: number }

export interface Joining {
  readonly buyer: string
  /** On a ticket the buyer showed; 0 without one. */
  readonly shownPlace: number
  /** Default true. False: a buyer without a place is answered `limited`. */
  readonly mayBeNew?: boolean
}

/** How many buyers one call of the join script takes. */
export const joinersMax = 256

/** Lets buyers join in one call, nobody twice and at most `joinersMax`; answers in the order they were named. `waitingMax`: 0 is no bound. */
export const joinAll = async (
  line: LineRedis,
  sale: string,
  joining: readonly Joining[],
  { waitingMax = 0 }: { readonly waitingMax?: number } = {},
): Promise<readonly Joined[]> => {
  const args: (string | number)[] = [line.runId(), waitingMax]
  for (const { buyer, shownPlace, mayBeNew = true } of joining) args.push(buyer, shownPlace, mayBeNew ? 1 : 0)
  const reply = (await line.run(joinScript.script, sale, { keys: joinScript.keys, args })) as [
    'missing' | 'lost' | 'ok',
    number,
    ...(string | number)[],
  ]
  const [there, nowMs] = reply
  if (there !== 'ok') return joining.map(() => ({ kind: there }))
  return joining.map((_, index) => {
    const kind = reply[3 * index + 2] as Exclude<Joined['kind'], 'missing' | 'lost'>
    if (kind !== 'joined' && kind !== 'known') return { kind }
    return { kind, place: Number(reply[3 * index + 3]), position: Number(reply[3 * index + 4]), nowMs }
  })
}

/** One admitted buyer's slot, as the tick wrote it. */
export interface Slot {
  readonly slot: string
  readonly buyer: string
  readonly place: number
  readonly admittedMs: number
  /** Of the admission; the slot itself may last longer while an order is under way. */
  readonly deadlineMs: number
  readonly kid: string
  /** How often it was made longer. */
  readonly extensions: number
}

/** The slot of an entry as the scripts write it; one that was never made longer does not say how often. */
export function parseSlot(slot: string, entry: string): Slot {
  const [buyer = '', place, admittedMs, deadlineMs, kid = '', extensions = 0] = entry.split(' ')
  const times = { admittedMs: Number(admittedMs), deadlineMs: Number(deadlineMs) }
  return { slot, buyer, place: Number(place), ...times, kid, extensions: Number(extensions) }
}

export type Ending = 'finished' | 'expired' | 'left'

/** How a buyer of a line that is there stands. */
export type KnownStanding =
  | { readonly kind: 'none'; readonly nowMs: number }
  | { readonly kind: 'over'; readonly nowMs: number; readonly ending: Ending }
  | { readonly kind: 'admitted'; readonly nowMs: number; readonly slot: Slot }
  | { readonly kind: 'waiting'; readonly nowMs: number; readonly place: number; readonly position: number }

export type Standing = NotThere | KnownStanding

export interface Asking {
  readonly buyer: string
  /** On a ticket the buyer showed; 0 without one. */
  readonly place: number
  readonly presentMs: number
}

type StandingReply =
  | readonly ['none']
  | readonly ['over', Ending]
  | readonly ['admitted', slot: string, entry: string]
  | readonly ['waiting', place: number, position: number]

const parseStanding = (reply: StandingReply, nowMs: number): KnownStanding => {
  switch (reply[0]) {
    case 'none':
      return { kind: 'none', nowMs }
    case 'over':
      return { kind: 'over', nowMs, ending: reply[1] }
    case 'admitted':
      return { kind: 'admitted', nowMs, slot: parseSlot(reply[1], reply[2]) }
    case 'waiting':
      return { kind: 'waiting', nowMs, place: reply[1], position: reply[2] }
  }
}

/** How many buyers one call of the standing script takes. */
export const askingMax = 256

/** Asks how buyers stand in one call of at most `askingMax`; answers in the order they were named. */
export const readStandings = async (
  line: LineRedis,
  sale: string,
  asking: readonly Asking[],
): Promise<readonly Standing[]> => {
  const args: (string | number)[] = [line.runId()]
  for (const { buyer, place, presentMs } of asking) args.push(buyer, place, presentMs)
  const [there, nowMs, ...standings] = (await line.run(standingScript.script, sale, {
    keys: standingScript.keys,
    args,
  })) as [NotThere['kind'] | 'ok', number, ...StandingReply[]]
  if (there !== 'ok') return asking.map(() => ({ kind: there }))
  return standings.map((reply) => parseStanding(reply, nowMs))
}

/** A buyer who reported, with its place and how long it counts as present. */
export interface Present {
  readonly buyer: string
  readonly place: number
  readonly presentMs: number
}

/** Records that buyers are present, in calls of at most 500; returns those that do not wait in the line (any more). */
export const notePresence = async (
  line: LineRedis,
  sale: string,
  buyers: readonly Present[],
): Promise<readonly string[]> => {
  const batch = 500
  const others: string[] = []
  for (let from = 0; from < buyers.length; from += batch) {
    const reports = buyers.slice(from, from + batch).flatMap(({ buyer, place, presentMs }) => [buyer, place, presentMs])
    const reply = await line.run(presenceScript.script, sale, {
      keys: presenceScript.keys,
      args: [line.runId(), ...reports],
    })
    others.push(...(reply as string[]))
  }
  return others
}

export interface Leaving {
  readonly buyer: string
  /** On a ticket the buyer showed; 0 without one. */
  readonly shownPlace: number
}

/** `inside`: the buyer gave its slot back, which returns once its pass is revoked. */
export type Left = NotThere | { readonly kind: 'left' | 'gone' | 'inside' }

/** How many buyers one call of the leave script takes. */
export const leaversMax = 256

/** Lets buyers leave in one call; answers in the order they were named. */
export async function leaveAll(line: LineRedis, sale: string, leaving: readonly Leaving[]): Promise<readonly Left[]> {
  const args = [line.runId(), ...leaving.flatMap(({ buyer, shownPlace }) => [buyer, shownPlace])]
  const [there, ...left] = (await line.run(leaveScript.script, sale, { keys: leaveScript.keys, args })) as [
    NotThere['kind'] | 'ok',
    ...['left' | 'gone' | 'inside'][],
  ]
  if (there !== 'ok') return leaving.map(() => ({ kind: there }))
  return left.map(([kind]) => ({ kind }))
}
