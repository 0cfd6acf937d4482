import { coalesce } from '@floodgate/async'
import { defineScript } from '@floodgate/redis'
import type { Logger } from '@floodgate/runtime'
import { saleKeys } from '../stock/keys.ts'
import { runStockScript, type StockScripts } from '../stock/stock-redis.ts'

const script = defineScript({
  name: 'end-claims',
  file: new URL('./end-claims.lua', import.meta.url),
  numberOfKeys: 4,
})
const CLAIMS_PER_CALL = 500

export interface ClaimEnd {
  readonly sale: string
  readonly campaign: string
  readonly buyer: string
  readonly outcome: 'issued' | 'returned'
}

/** Ends claims of one sale in Redis, and returns how many were open. Safe to repeat. Rejects when Redis is unreachable. */
export async function endClaims(stockRedis: StockScripts, sale: string, ends: readonly ClaimEnd[]): Promise<number> {
  const { meta, claims, claimed, openClaims } = saleKeys(sale)
  let changed = 0
  for (let at = 0; at < ends.length; at += CLAIMS_PER_CALL) {
    const reply = await runStockScript(stockRedis, script, {
      sale,
      keys: [meta, claims, claimed, openClaims],
      args: ends.slice(at, at + CLAIMS_PER_CALL).flatMap(({ campaign, buyer, outcome }) => [campaign, buyer, outcome]),
    })
    if (reply !== 'rebuild') changed += Number(reply)
  }
  return changed
}

/** Ends a claim later in this turn of the event loop, with the others. Failures are left to the rounds. */
export type EndClaimSoon = (end: ClaimEnd) => void

export function createEndClaimSoon({ stockRedis, log }: { stockRedis: StockScripts; log: Logger }): EndClaimSoon {
  return coalesce((ends) => {
    for (const [sale, ofSale] of Map.groupBy(ends, (end) => end.sale))
      endClaims(stockRedis, sale, ofSale).catch((error: unknown) =>
        log.warn({ sale, claims: ofSale.length, error }, 'claims left to the rounds'),
      )
  })
}
