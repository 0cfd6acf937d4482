import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { findIdentifiedSales, type RevocationChange } from '../identity/revocation-store.ts'
import type { Revocations } from '../identity/revocations.ts'
import { lineKeys } from '../redis/keys.ts'
import { type LineRedis, redisUnavailable, whileRedisIsThere } from '../redis/line-redis.ts'
import { CLOSED_LINE_MS } from '../sales/sale.ts'
import type { SaleCache } from '../sales/sale-cache.ts'
import { LEAVERS_MAX, type LeaveRequest, leaveAll } from './leave.ts'

type Revoked = Pick<RevocationChange, 'kind' | 'name'>

export interface EndRevokedDeps {
  readonly line: LineRedis
  readonly pool: Pool
  readonly sales: Pick<SaleCache, 'restore'>
  readonly revocations: Pick<Revocations, 'isInForce'>
  readonly log: Logger
  /** Called when slots were given back: their admissions must be revoked. */
  onGivenBack(sale: string): void
  /** Called when a buyer left a closed sale, which may have been retired. */
  onLeftClosed(sale: string): Promise<void>
}

export interface EndRevoked {
  /** Queues revoked accounts and ID tokens. */
  add(revoked: readonly Revoked[]): void
  /** Ends what the queued ones have in all sales. Keeps them for the next call if it fails. */
  work(): Promise<void>
}

/**
 * Takes the places of revoked accounts, and gives the turns back that they, or revoked ID tokens, were shown the pass
 * of. Every process does this once it knows of a revocation: so it also ends what the last one to learn of it has let
 * in. Repeating is safe.
 */
export function createEndRevoked(deps: EndRevokedDeps): EndRevoked {
  const { line, pool, log } = deps
  let queue = new Map<string, Revoked['kind']>()

  async function endIn(
    { id: sale, state }: { id: string; state: string },
    revoked: ReadonlyMap<string, Revoked['kind']>,
  ) {
    const named = (kind: Revoked['kind']) => [...revoked].flatMap(([name, each]) => (each === kind ? [name] : []))
    const requests: LeaveRequest[] = [
      ...named('account').map((buyer) => ({ buyer, claimedPlace: 0 })),
      ...(await turnsShownTo(line, sale, named('token'))),
    ]
    let [left, inside] = [0, 0]
    for (let from = 0; from < requests.length; from += LEAVERS_MAX) {
      const kinds = await leaveKnown(sale, requests.slice(from, from + LEAVERS_MAX))
      left += kinds.filter((kind) => kind === 'left').length
      inside += kinds.filter((kind) => kind === 'inside').length
    }
    if (inside > 0) deps.onGivenBack(sale)
    if (left > 0 && state === 'closed') await deps.onLeftClosed(sale)
    if (left + inside > 0) log.info({ step: 'identity.ended', sale, left, inside }, 'revoked buyers removed')
  }

  /** A line that Redis lost is recovered first: a leave that it forgets would not count. */
  async function leaveKnown(sale: string, requests: readonly LeaveRequest[]): Promise<readonly string[]> {
    const first = await leaveAll(line, sale, requests)
    const there = first[0]?.kind
    if (there !== 'missing' && there !== 'lost') return first.map(({ kind }) => kind)
    if (!(await deps.sales.restore(sale, there))) return []
    const again = await leaveAll(line, sale, requests)
    if (again.some(({ kind }) => kind === 'missing' || kind === 'lost')) throw redisUnavailable()
    return again.map(({ kind }) => kind)
  }

  return {
    add: (revoked) => {
      for (const { name, kind } of revoked) queue.set(name, kind)
    },
    work: async () => {
      if (queue.size === 0) return
      // What has ended meanwhile may have joined again.
      const working = new Map([...queue].filter(([name]) => deps.revocations.isInForce(name)))
      queue = new Map()
      if (working.size === 0) return
      try {
        const found = await findIdentifiedSales(pool, { closedWithinMs: CLOSED_LINE_MS })
        const results = await Promise.allSettled(found.map((sale) => endIn(sale, working)))
        // A sale that fails does not delay the others.
        for (const result of results) if (result.status === 'rejected') throw result.reason
      } catch (error) {
        queue = new Map([...working, ...queue])
        throw error
      }
    },
  }
}

/** Finds the turns whose passes were shown to ID tokens. */
async function turnsShownTo(
  { redis }: LineRedis,
  sale: string,
  idTokens: readonly string[],
): Promise<readonly LeaveRequest[]> {
  if (idTokens.length === 0) return []
  const keys = lineKeys(sale)
  return await whileRedisIsThere(async () => {
    const slots = (await redis.hmget(keys.shown, ...idTokens)).filter((slot) => slot !== null)
    if (slots.length === 0) return []
    const entries = await redis.hmget(keys.slots, ...slots)
    return slots.flatMap((slot, index) => {
      const buyer = entries[index]?.split(' ')[0]
      return buyer === undefined ? [] : [{ buyer, claimedPlace: 0, slot }]
    })
  })
}
