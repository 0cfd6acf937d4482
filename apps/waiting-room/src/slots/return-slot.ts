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

/** Gives slots back, each once; tells those that came back by this call. Without `slots`: those past their deadline. */
export async function giveSlotsBack(
  line: LineRedis,
  sale: string,
  { slots = [], reason, latestMs }: ReturnRequest,
): Promise<ReturnOutcome> {
  const args = [line.runId(), reason, latestMs ?? '', ...slots]
  const [kind, ...returned] = (await line.run(returnScript, sale, args)) as [ReturnOutcome['kind'], ...string[]]
  return kind === 'ok' ? { kind, slots: returned } : { kind }
}

/** The same for callers that try again anyway: a line that is to be recovered first gives nothing back. */
export async function returnSlots(line: LineRedis, sale: string, returning: ReturnRequest): Promise<readonly string[]> {
  const returned = await giveSlotsBack(line, sale, returning)
  return returned.kind === 'ok' ? returned.slots : []
}
