import { AppError, type Logger } from '@floodgate/runtime'
import { defineLineScript, type LineRedis, redisUnavailable } from '../redis/line-redis.ts'
import type { NotThere } from '../redis/replies.ts'
import type { SaleCache } from '../sales/sale-cache.ts'

const finishScript = defineLineScript(new URL('./finish-turn.lua', import.meta.url))

type Finished = 'finishing' | 'known' | 'ordered' | 'gone'

/** Marks a slot as given back because its buyer is done: see finish-turn.lua. */
export async function finishTurn(line: LineRedis, sale: string, slot: string): Promise<NotThere['kind'] | Finished> {
  return (await line.run(finishScript, sale, [line.runId(sale), slot])) as NotThere['kind'] | Finished
}

export interface FinishDeps {
  readonly line: LineRedis
  readonly sales: Pick<SaleCache, 'restore'>
  readonly log: Pick<Logger, 'info'>
  /** Called when a slot was given back: its admission must be revoked. */
  onGivenBack(sale: string): void
  countFinish(outcome: Finished): void
}

/** Gives a slot back whose buyer is done; changes nothing for one that has returned, or never was. Safe to repeat. */
export type Finish = (turn: { readonly sale: string; readonly slot: string }) => Promise<void>

export function createFinish(deps: FinishDeps): Finish {
  const { line, sales } = deps
  /** A line that Redis lost is recovered first: a report that it forgets must not be confirmed. */
  async function finishOnKnownLine(sale: string, slot: string): Promise<Finished> {
    const first = await finishTurn(line, sale, slot)
    if (first !== 'missing' && first !== 'lost') return first
    if (!(await sales.restore(sale, first))) throw new AppError('not-found', { detail: 'This sale does not exist.' })
    const again = await finishTurn(line, sale, slot)
    if (again === 'missing' || again === 'lost') throw redisUnavailable()
    return again
  }
  return async function finish({ sale, slot }) {
    const outcome = await finishOnKnownLine(sale, slot)
    deps.countFinish(outcome)
    // Also when repeated: the process that got the first report may have died.
    if (outcome === 'finishing' || outcome === 'known') deps.onGivenBack(sale)
    if (outcome === 'finishing') deps.log.info({ step: 'turn.finished', sale, slot }, 'turn finished')
  }
}
