import { createMicroBatcher } from '@floodgate/async'
import { defineScript } from '@floodgate/redis'
import { saleKeys } from '../stock/keys.ts'
import { runStockScript, type StockScripts } from '../stock/stock-redis.ts'

const script = defineScript({
  name: 'take-claims',
  file: new URL('./take-claims.lua', import.meta.url),
  numberOfKeys: 6,
})
const CLAIMS_PER_CALL = 64

export interface ClaimRequest {
  readonly sale: string
  readonly campaign: string
  readonly buyer: string
  readonly slot: string
  /** Whether a new claim may start; a voucher that the buyer has is found in any case. */
  readonly mayStart: boolean
  readonly commitWithinMs: number
}

/**
 * `taken`: with the total of the campaign that it was judged by. `known`: the buyer has the voucher, or another request is
 * getting it. `gone`: all are taken. `rebuild`: Redis has to be filled first.
 */
export type ClaimOutcome =
  | { readonly kind: 'taken'; readonly epoch: number; readonly total: number }
  | { readonly kind: 'known'; readonly epoch: number }
  | { readonly kind: 'refused' | 'revoked' | 'unknown' | 'gone' | 'rebuild' }
  | { readonly kind: 'not-valid'; readonly validFrom: Date | null; readonly validUntil: Date | null }

/**
 * Takes a buyer's voucher of a campaign in Redis; those requested in one turn of the event loop share a call per sale, in
 * the order of the requests. Rejects like any call to Redis.
 */
export type TakeClaim = (request: ClaimRequest) => Promise<ClaimOutcome>

export function createTakeClaim(stockRedis: StockScripts): TakeClaim {
  const takeInBatch = createMicroBatcher<ClaimRequest, ClaimOutcome>({
    itemsMax: CLAIMS_PER_CALL,
    send: (sale, requests) => takeClaims(stockRedis, sale, requests),
  })
  return function takeClaim(request) {
    return takeInBatch(request.sale, request)
  }
}

/** Tells whether Redis has a buyer's claim, or has to be filled before it can tell. Rejects like any call to Redis. */
export type IsClaimed = (claim: Omit<ClaimRequest, 'mayStart' | 'commitWithinMs'>) => Promise<boolean>

export function createIsClaimed(takeClaim: TakeClaim): IsClaimed {
  return async function isClaimed(claim) {
    const { kind } = await takeClaim({ ...claim, mayStart: false, commitWithinMs: 0 })
    return kind === 'known' || kind === 'rebuild'
  }
}

async function takeClaims(
  stockRedis: StockScripts,
  sale: string,
  requests: readonly ClaimRequest[],
): Promise<readonly ClaimOutcome[]> {
  const { meta, campaigns, claims, claimed, openClaims, barred } = saleKeys(sale)
  const reply = await runStockScript(stockRedis, script, {
    sale,
    keys: [meta, campaigns, claims, claimed, openClaims, barred],
    args: requests.flatMap(({ campaign, buyer, slot, mayStart, commitWithinMs }) => [
      ...[campaign, buyer, slot, mayStart ? '' : '1'],
      commitWithinMs,
    ]),
  })
  if (reply === 'rebuild') return requests.map(() => ({ kind: 'rebuild' }))
  const [epoch, ...outcomes] = reply as [string, ...string[]]
  return outcomes.map((outcome) => outcomeOf(outcome, Number(epoch)))
}

function outcomeOf(text: string, epoch: number): ClaimOutcome {
  const [kind = '', first, until] = text.split('|')
  switch (kind) {
    case 'taken':
      return { kind, epoch, total: Number(first) }
    case 'known':
      return { kind, epoch }
    case 'refused':
    case 'revoked':
    case 'unknown':
    case 'gone':
      return { kind }
    case 'not-valid':
      return { kind, validFrom: dateOf(first), validUntil: dateOf(until) }
    default:
      throw new TypeError(`take-claims.lua returned ${text}`)
  }
}

const dateOf = (ms: string | undefined): Date | null => (ms === undefined || ms === '' ? null : new Date(Number(ms)))
