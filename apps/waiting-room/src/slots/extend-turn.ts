import { EXTENSION_SECONDS, EXTENSIONS_DEFAULT, TURN_SECONDS_MAX } from '@floodgate/contracts'
import { AppError, type Logger } from '@floodgate/runtime'
import { defineLineScript, type LineRedis } from '../redis/line-redis.ts'
import { type NotThere, parseSlot, type Slot } from '../redis/replies.ts'
import { unknownSale } from '../sales/find-sale.ts'
import { onKnownLine } from '../sales/on-known-line.ts'
import type { RecentActs } from '../sales/recent-acts.ts'
import type { SaleCache } from '../sales/sale-cache.ts'
import type { TicketHolder } from '../tokens/identify.ts'
import { MARGIN_MS } from '../tokens/sign-admission.ts'

const extendScript = defineLineScript(new URL('./extend-turn.lua', import.meta.url))

export interface ExtendRequest {
  readonly buyer: string
  /** Number of the extension, from 1. */
  readonly number: number
  /** The only slot to extend; by default the buyer's. */
  readonly slot?: string | undefined
}

export type ExtendOutcome =
  | NotThere
  | { readonly kind: 'none' | 'ordered' | 'off' | 'used' }
  | { readonly kind: 'extended' | 'known'; readonly slot: Slot }

/** Extends a turn, once for each number: see extend-turn.lua. */
export async function extendTurn(
  line: LineRedis,
  sale: string,
  { buyer, number, slot: only = '' }: ExtendRequest,
): Promise<ExtendOutcome> {
  const lengths = [EXTENSION_SECONDS * 1_000, TURN_SECONDS_MAX * 1_000, MARGIN_MS, EXTENSIONS_DEFAULT]
  const [kind, slot = '', entry = ''] = (await line.run(extendScript, sale, [
    line.runId(sale),
    buyer,
    number,
    ...lengths,
    only,
  ])) as [ExtendOutcome['kind'], slot?: string, entry?: string]
  return kind === 'extended' || kind === 'known' ? { kind, slot: parseSlot(slot, entry) } : { kind }
}

/** Returns how often a turn may still be extended, since no admission lasts longer than a day. */
export function extensionsOf({ extensionsMax }: { extensionsMax: number }, slot: Slot) {
  const { admittedMs, deadlineMs, extensions: taken } = slot
  const roomMs = admittedMs + TURN_SECONDS_MAX * 1_000 - deadlineMs
  const remaining = Math.min(extensionsMax - taken, Math.floor(roomMs / (EXTENSION_SECONDS * 1_000)))
  return { taken, remaining: Math.max(0, remaining), seconds: EXTENSION_SECONDS }
}

const problems = {
  none: ['no-turn', 'Your turn has ended, was given back, or has not begun.'],
  ordered: ['turn-has-order', 'The order has its own deadline, which does not depend on the turn.'],
  off: ['extensions-off', 'Every turn of this sale has the same length.'],
  used: ['extensions-used', 'The turn already has all extensions that the sale allows.'],
} as const

export interface ExtendDeps {
  readonly line: LineRedis
  readonly sales: Pick<SaleCache, 'restore'>
  readonly recentActs: Pick<RecentActs, 'noteChange'>
  readonly log: Pick<Logger, 'info'>
  countExtension(outcome: 'granted' | 'repeated' | (typeof problems)[keyof typeof problems][0]): void
}

/** Whose turn is extended. `slot`: an admission's; a later turn of its buyer is not extended. */
export type Extending = Pick<TicketHolder, 'sale' | 'buyer'> & { readonly slot?: string }

/**
 * Extends a buyer's turn and returns its slot; throws the problem when it cannot. A repetition returns the slot
 * unchanged.
 */
export type Extend = (turn: Extending, number: number) => Promise<Slot>

export function createExtend({ line, sales, log, countExtension, recentActs }: ExtendDeps): Extend {
  return async function extend({ sale, buyer, slot: only }, number) {
    const extended = await onKnownLine(sales, sale, () => extendTurn(line, sale, { buyer, number, slot: only }))
    if (extended === undefined) throw unknownSale()
    if (!('slot' in extended)) {
      const [code, detail] = problems[extended.kind]
      countExtension(code)
      throw new AppError(code, { detail })
    }
    const { kind, slot } = extended
    recentActs.noteChange(sale, () => extendTurn(line, sale, { buyer, number, slot: slot.slot }))
    countExtension(kind === 'extended' ? 'granted' : 'repeated')
    if (kind === 'extended') log.info({ step: 'turn.extended', sale, slot: slot.slot, number }, 'turn extended')
    return slot
  }
}
