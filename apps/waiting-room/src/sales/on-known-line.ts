import { redisUnavailable } from '../redis/line-redis.ts'
import type { NotThere } from '../redis/replies.ts'
import type { SaleCache } from './sale-cache.ts'

/**
 * Changes a line, and recovers it first where Redis lost it: what a recovery would undo must not be confirmed. Undefined: the
 * sale does not exist. Throws `unavailable` while Redis is replaced.
 */
export async function onKnownLine<Outcome extends { readonly kind: string }>(
  { restore }: Pick<SaleCache, 'restore'>,
  sale: string,
  change: () => Promise<Outcome | NotThere>,
): Promise<Exclude<Outcome, NotThere> | undefined> {
  const first = await change()
  if (isThere(first)) return first
  if (!(await restore(sale, first.kind === 'missing' ? 'missing' : 'lost'))) return undefined
  const again = await change()
  if (isThere(again)) return again
  throw redisUnavailable()
}

function isThere<Outcome extends { readonly kind: string }>(
  outcome: Outcome | NotThere,
): outcome is Exclude<Outcome, NotThere> {
  return outcome.kind !== 'missing' && outcome.kind !== 'lost'
}
