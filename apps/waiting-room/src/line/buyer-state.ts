import { defineLineScript, type LineRedis } from '../redis/line-redis.ts'
import { type Ending, type NotThere, parseSlot, type Slot } from '../redis/replies.ts'

const stateScript = defineLineScript(new URL('./buyer-state.lua', import.meta.url))

/** The state of a buyer in an existing line. */
export type KnownBuyerState =
  | { readonly kind: 'none'; readonly nowMs: number }
  | { readonly kind: 'over'; readonly nowMs: number; readonly ending: Ending }
  | { readonly kind: 'admitted'; readonly nowMs: number; readonly slot: Slot }
  | { readonly kind: 'waiting'; readonly nowMs: number; readonly place: number; readonly position: number }

export type BuyerState = NotThere | KnownBuyerState

export interface StateQuery {
  readonly buyer: string
  /** The place on the buyer's ticket; 0 without one. */
  readonly place: number
  readonly presentMs: number
  /** Short name of the ID token that the buyer came with; empty for none. */
  readonly idToken?: string | undefined
}

type BuyerStateReply =
  | readonly ['none']
  | readonly ['over', Ending]
  | readonly ['admitted', slot: string, entry: string]
  | readonly ['waiting', place: number, position: number]

const parseBuyerState = (reply: BuyerStateReply, nowMs: number): KnownBuyerState => {
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

/** Maximum number of buyers in one call of the script. */
export const QUERIES_MAX = 256

/** Reads the states of at most `QUERIES_MAX` buyers in one call, in the given order. */
export async function readBuyerStates(
  line: LineRedis,
  sale: string,
  queries: readonly StateQuery[],
): Promise<readonly BuyerState[]> {
  const args: (string | number)[] = [line.runId(sale)]
  for (const { buyer, place, presentMs, idToken = '' } of queries) args.push(buyer, place, presentMs, idToken)
  const [there, nowMs, ...states] = (await line.run(stateScript, sale, args)) as [
    NotThere['kind'] | 'ok',
    number,
    ...BuyerStateReply[],
  ]
  if (there !== 'ok') return queries.map(() => ({ kind: there }))
  return states.map((reply) => parseBuyerState(reply, nowMs))
}
