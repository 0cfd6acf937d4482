import { defineScript } from '@floodgate/redis'
import type { LineKeys } from './keys.ts'
import type { LineRedis } from './line-redis.ts'

const script = (name: string, keys: readonly (keyof LineKeys)[]) => ({
  script: defineScript({ name, file: new URL(`./${name}.lua`, import.meta.url), numberOfKeys: keys.length }),
  keys,
})

const joinScript = script('join', ['sale', 'line', 'away', 'back', 'active', 'slots', 'inside', 'left'])
const standingScript = script('standing', [
  'sale',
  'line',
  'seen',
  'away',
  'back',
  'active',
  'slots',
  'inside',
  'ended',
  'left',
])
const presenceScript = script('presence', ['sale', 'line', 'seen', 'away', 'back', 'inside', 'left'])
const leaveScript = script('leave', ['line', 'seen', 'away', 'back', 'active', 'inside', 'left', 'log'])

/** The line's Redis is another one than it was, or has no such sale: recover or project, then ask again. */
export type NotThere = { readonly kind: 'missing' } | { readonly kind: 'lost' }

export type Joined =
  | NotThere
  | { readonly kind: 'not-open' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'joined' | 'known'; readonly place: number; readonly position: number; readonly nowMs: number }

export interface Joining {
  readonly buyer: string
  /** On a ticket the buyer showed; 0 without one. */
  readonly shownPlace: number
}

/** How many buyers one call of the join script takes. */
export const joinersMax = 256

/** Lets buyers join in one call, nobody twice and at most `joinersMax`; answers in the order they were named. */
export const joinAll = async (
  line: LineRedis,
  sale: string,
  joining: readonly Joining[],
): Promise<readonly Joined[]> => {
  const args: (string | number)[] = [line.runId()]
  for (const { buyer, shownPlace } of joining) args.push(buyer, shownPlace)
  const reply = (await line.run(joinScript.script, sale, { keys: joinScript.keys, args })) as [
    'missing' | 'lost' | 'ok',
    number,
    ...(string | number)[],
  ]
  const [there, nowMs] = reply
  if (there !== 'ok') return joining.map(() => ({ kind: there }))
  return joining.map((_, index) => {
    const kind = reply[3 * index + 2] as Exclude<Joined['kind'], 'missing' | 'lost'>
    if (kind === 'not-open' || kind === 'closed') return { kind }
    return { kind, place: Number(reply[3 * index + 3]), position: Number(reply[3 * index + 4]), nowMs }
  })
}

export const joinLine = async (line: LineRedis, sale: string, joining: Joining): Promise<Joined> => {
  const [joined] = await joinAll(line, sale, [joining])
  return joined ?? { kind: 'missing' }
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
}

const parseSlot = (slot: string, entry: string): Slot => {
  const [buyer = '', place, admittedMs, deadlineMs, kid = ''] = entry.split(' ')
  return { slot, buyer, place: Number(place), admittedMs: Number(admittedMs), deadlineMs: Number(deadlineMs), kid }
}

export type Ending = 'finished' | 'expired' | 'left'

export type Standing =
  | NotThere
  | { readonly kind: 'none'; readonly nowMs: number }
  | { readonly kind: 'over'; readonly nowMs: number; readonly ending: Ending }
  | { readonly kind: 'admitted'; readonly nowMs: number; readonly slot: Slot }
  | { readonly kind: 'waiting'; readonly nowMs: number; readonly place: number; readonly position: number }

export const readStanding = async (
  line: LineRedis,
  sale: string,
  { buyer, place, presentMs }: { buyer: string; place: number; presentMs: number },
): Promise<Standing> => {
  const [kind, now, third, fourth] = (await line.run(standingScript.script, sale, {
    keys: standingScript.keys,
    args: [line.runId(), buyer, place, presentMs],
  })) as [Standing['kind'], number, string & number, string & number]
  if (kind === 'waiting') return { kind, nowMs: now, place: third, position: fourth }
  if (kind === 'admitted') return { kind, nowMs: now, slot: parseSlot(third, fourth) }
  if (kind === 'over') return { kind, nowMs: now, ending: third as unknown as Ending }
  return kind === 'none' ? { kind, nowMs: now } : { kind }
}

/** Takes note that the buyers are there, in calls of at most 2,500; answers those that do not wait in the line (any more). */
export const notePresence = async (
  line: LineRedis,
  sale: string,
  { buyers, presentMs }: { buyers: readonly { readonly buyer: string; readonly place: number }[]; presentMs: number },
): Promise<readonly string[]> => {
  const batch = 2_500
  const others: string[] = []
  for (let from = 0; from < buyers.length; from += batch) {
    const pairs = buyers.slice(from, from + batch).flatMap(({ buyer, place }) => [buyer, place])
    const reply = await line.run(presenceScript.script, sale, {
      keys: presenceScript.keys,
      args: [line.runId(), presentMs, ...pairs],
    })
    others.push(...(reply as string[]))
  }
  return others
}

export type Left = { readonly kind: 'left' | 'gone' } | { readonly kind: 'inside'; readonly slot: string }

export const leaveLine = async (line: LineRedis, sale: string, buyer: string): Promise<Left> => {
  const [kind, slot = ''] = (await line.run(leaveScript.script, sale, { keys: leaveScript.keys, args: [buyer] })) as [
    Left['kind'],
    string?,
  ]
  return kind === 'inside' ? { kind, slot } : { kind }
}
