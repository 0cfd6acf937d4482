import type { Logger } from '@floodgate/runtime'
import { defineLineScript, type LineRedis } from '../redis/line-redis.ts'
import type { NotThere } from '../redis/replies.ts'
import { unknownSale } from '../sales/find-sale.ts'
import { onKnownLine } from '../sales/on-known-line.ts'
import type { RecentActs } from '../sales/recent-acts.ts'
import type { SaleCache } from '../sales/sale-cache.ts'

const finishScript = defineLineScript(new URL('./finish-turn.lua', import.meta.url))

interface Finished {
  readonly kind: 'finishing' | 'known' | 'ordered' | 'gone'
}

/** Marks a slot as given back because its buyer is done: see finish-turn.lua. */
export async function finishTurn(line: LineRedis, sale: string, slot: string): Promise<NotThere | Finished> {
  return { kind: (await line.run(finishScript, sale, [line.runId(sale), slot])) as (NotThere | Finished)['kind'] }
}

export interface FinishDeps {
  readonly line: LineRedis
  readonly sales: Pick<SaleCache, 'restore'>
  readonly log: Pick<Logger, 'info'>
  /** Called when a slot was given back: its admission must be revoked. */
  onGivenBack(sale: string): void
  countFinish(outcome: Finished['kind']): void
  readonly recentActs: Pick<RecentActs, 'noteChange'>
}

/** Gives a slot back whose buyer is done; changes nothing for one that has returned, or never was. Safe to repeat. */
export type Finish = (turn: { readonly sale: string; readonly slot: string }) => Promise<void>

export function createFinish(deps: FinishDeps): Finish {
  const { line, sales, recentActs } = deps
  return async function finish({ sale, slot }) {
    const change = () => finishTurn(line, sale, slot)
    const outcome = await onKnownLine(sales, sale, change)
    if (outcome === undefined) throw unknownSale()
    const { kind } = outcome
    deps.countFinish(kind)
    if (kind !== 'finishing' && kind !== 'known') return
    recentActs.noteChange(sale, change)
    // Also when repeated: the process that got the first report may have died.
    deps.onGivenBack(sale)
    if (kind === 'finishing') deps.log.info({ step: 'turn.finished', sale, slot }, 'turn finished')
  }
}
