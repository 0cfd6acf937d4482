import { defineLineScript, type LineRedis } from '../redis/line-redis.ts'
import type { NotThere } from '../redis/replies.ts'

const joinScript = defineLineScript(new URL('./join.lua', import.meta.url))

export type JoinOutcome =
  | NotThere
  | { readonly kind: 'not-open' | 'closed' | 'full' | 'limited' }
  | { readonly kind: 'joined' | 'known'; readonly place: number; readonly position: number; readonly nowMs: number }

export interface JoinRequest {
  readonly buyer: string
  /** The place on the buyer's ticket; 0 without one. */
  readonly claimedPlace: number
  /** Default true. False: without a place yet, the buyer gets `limited`. */
  readonly mayBeNew?: boolean
}

/** Maximum number of buyers in one call of the join script. */
export const JOINERS_MAX = 256

/**
 * Lets buyers join in one call, none twice and at most `JOINERS_MAX`; returns results in the given order. `waitingMax`
 * 0: no bound.
 */
export async function joinAll(
  line: LineRedis,
  sale: string,
  joining: readonly JoinRequest[],
  { waitingMax = 0 }: { readonly waitingMax?: number } = {},
): Promise<readonly JoinOutcome[]> {
  const args: (string | number)[] = [line.runId(sale), waitingMax]
  for (const { buyer, claimedPlace, mayBeNew = true } of joining) args.push(buyer, claimedPlace, mayBeNew ? 1 : 0)
  const reply = (await line.run(joinScript, sale, args)) as ['missing' | 'lost' | 'ok', number, ...(string | number)[]]
  const [there, nowMs] = reply
  if (there !== 'ok') return joining.map(() => ({ kind: there }))
  return joining.map((_, index) => {
    const kind = reply[3 * index + 2] as Exclude<JoinOutcome['kind'], 'missing' | 'lost'>
    if (kind !== 'joined' && kind !== 'known') return { kind }
    return { kind, place: Number(reply[3 * index + 3]), position: Number(reply[3 * index + 4]), nowMs }
  })
}
