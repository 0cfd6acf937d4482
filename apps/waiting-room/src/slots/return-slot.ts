import { defineLineScript, type LineRedis } from '../redis/line-redis.ts'
import type { Ending, NotThere } from '../redis/replies.ts'

const returnScript = defineLineScript(new URL('./return-slot.lua', import.meta.url))

export interface ReturnRequest {
  readonly slots?: readonly string[]
  readonly reason: Ending | 'unclaimed'
  /** Without `slots`: those with a later deadline stay (ms). Default: now. */
  readonly latestMs?: number
}

export type ReturnOutcome = NotThere | { readonly kind: 'ok'; readonly slots: readonly string[] }

/**
 * Returns slots to the sale, each once; results are those returned by this call. Without `slots`: those past their
 * deadline.
 */
export async function giveSlotsBack(
  line: LineRedis,
  sale: string,
  { slots = [], reason, latestMs }: ReturnRequest,
): Promise<ReturnOutcome> {
  const args = [line.runId(sale), reason, latestMs ?? '', ...slots]
  const [kind, ...returned] = (await line.run(returnScript, sale, args)) as [ReturnOutcome['kind'], ...string[]]
  return kind === 'ok' ? { kind, slots: returned } : { kind }
}

/** Does the same for callers that retry anyway: a line that must be recovered first returns nothing. */
export async function returnSlots(line: LineRedis, sale: string, returning: ReturnRequest): Promise<readonly string[]> {
  const returned = await giveSlotsBack(line, sale, returning)
  return returned.kind === 'ok' ? returned.slots : []
}
