import { defineScript } from '@floodgate/redis'
import type { LineKeys } from '../redis/keys.ts'
import type { LineRedis } from '../redis/line-redis.ts'
import { type Ending, type NotThere, parseSlot, type Slot } from '../redis/replies.ts'

const stateKeys = [
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
] as const satisfies (keyof LineKeys)[]
const stateScript = defineScript({
  name: 'buyer-state',
  file: new URL('./buyer-state.lua', import.meta.url),
  numberOfKeys: stateKeys.length,
})

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
export const ASKING_MAX = 256

/** Reads the states of at most `ASKING_MAX` buyers in one call, in the order they were named. */
export async function readStandings(
  line: LineRedis,
  sale: string,
  asking: readonly Asking[],
): Promise<readonly Standing[]> {
  const args: (string | number)[] = [line.runId()]
  for (const { buyer, place, presentMs } of asking) args.push(buyer, place, presentMs)
  const [there, nowMs, ...standings] = (await line.run(stateScript, sale, {
    keys: stateKeys,
    args,
  })) as [NotThere['kind'] | 'ok', number, ...StandingReply[]]
  if (there !== 'ok') return asking.map(() => ({ kind: there }))
  return standings.map((reply) => parseStanding(reply, nowMs))
}
