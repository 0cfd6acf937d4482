import { defineScript } from '@floodgate/redis'
import type { StockCorrection } from '../order/corrections.ts'
import { saleKeys } from './keys.ts'
import { runStockScript, type StockScripts } from './stock-redis.ts'

const script = defineScript({
  name: 'correct-stock',
  file: new URL('./correct-stock.lua', import.meta.url),
  numberOfKeys: 6,
})
const CORRECTIONS_PER_CALL = 128

export type CorrectionOutcome = 'corrected' | 'unchanged' | 'rebuild'
export type CorrectStock = (corrections: readonly StockCorrection[]) => Promise<readonly CorrectionOutcome[]>

/**
 * Applies corrections that are committed in Postgres; outcomes come in their order. Repeats change nothing. Rejects
 * when Redis is unreachable: retry later.
 */
export function createCorrectStock(stockRedis: StockScripts): CorrectStock {
  return async function correctStock(corrections) {
    const outcomes = new Map<StockCorrection, CorrectionOutcome>()
    async function correctPart(sale: string, part: readonly StockCorrection[]): Promise<void> {
      const { meta, stock, sold, units, loaded, corrected } = saleKeys(sale)
      const reply = await runStockScript(stockRedis, script, {
        sale,
        keys: [meta, stock, sold, units, loaded, corrected],
        args: part.flatMap(({ id, buyer, lines }) => [id, buyer, packUnits(lines)]),
      })
      for (const [index, each] of part.entries())
        outcomes.set(each, reply === 'rebuild' ? 'rebuild' : ((reply as CorrectionOutcome[])[index] ?? 'unchanged'))
    }
    const parts: Promise<void>[] = []
    for (const [sale, ofSale] of Map.groupBy(corrections, (each) => each.sale))
      for (let at = 0; at < ofSale.length; at += CORRECTIONS_PER_CALL)
        parts.push(correctPart(sale, ofSale.slice(at, at + CORRECTIONS_PER_CALL)))
    await Promise.all(parts)
    return corrections.map((each) => outcomes.get(each) ?? 'unchanged')
  }
}

const packUnits = (lines: StockCorrection['lines']): string =>
  lines.map(({ sku, quantity }) => `${sku}|${quantity}`).join(',')
