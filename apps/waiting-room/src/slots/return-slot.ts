import { defineScript } from '@floodgate/redis'
import type { LineKeys } from '../redis/keys.ts'
import type { LineRedis } from '../redis/line-redis.ts'
import type { Ending, NotThere } from '../redis/replies.ts'

const returnKeys = [
  'sale',
  'away',
  'keptUntil',
  'active',
  'slots',
  'inside',
  'unclaimed',
  'ended',
  'served',
  'held',
  'leaving',
  'log',
] as const satisfies (keyof LineKeys)[]
const returnScript = defineScript({
  name: 'return-slot',
  file: new URL('./return-slot.lua', import.meta.url),
  numberOfKeys: returnKeys.length,
})

export interface Returning {
  readonly slots?: readonly string[]
  readonly reason: Ending | 'unclaimed'
  /** Without `slots`: those with a later deadline stay (ms). Default: now. */
  readonly latestMs?: number
}

export type Returned = NotThere | { readonly kind: 'ok'; readonly slots: readonly string[] }

/** Gives slots back, each once; tells those that came back by this call. Without `slots`: those past their deadline. */
export async function giveSlotsBack(
  line: LineRedis,
  sale: string,
  { slots = [], reason, latestMs }: Returning,
): Promise<Returned> {
  const args = [line.runId(), reason, latestMs ?? '', ...slots]
  const [kind, ...returned] = (await line.run(returnScript, sale, { keys: returnKeys, args })) as [
    Returned['kind'],
    ...string[],
  ]
  return kind === 'ok' ? { kind, slots: returned } : { kind }
}

/** The same for callers that try again anyway: a line that is to be recovered first gives nothing back. */
export async function returnSlots(line: LineRedis, sale: string, returning: Returning): Promise<readonly string[]> {
  const returned = await giveSlotsBack(line, sale, returning)
  return returned.kind === 'ok' ? returned.slots : []
}
