import { figure } from '../shared/words.ts'
import type { Question } from './confirm.ts'
import type { SaleAct, SaleResource } from './sale-types.ts'

/** Returns the confirmation before an action; undefined for one that the opposite action undoes. */
export function questionFor(act: SaleAct, sale: Pick<SaleResource, 'name' | 'counts'>): Question | undefined {
  const { waiting, active } = sale.counts
  switch (act) {
    case 'open':
      return {
        title: `Open “${sale.name}” now?`,
        text: 'Buyers join and are admitted from this moment on. An opened sale can be paused, but not be scheduled again.',
        yes: 'Open the sale',
      }
    case 'close':
      return {
        title: `Close “${sale.name}”?`,
        text: `${figure(waiting)} waiting buyers are told that the sale is over, and nobody else joins. ${figure(active)} buyers inside may finish. You can reopen the sale for two days; after that, it is closed for good.`,
        yes: 'Close the sale',
      }
    case 'reopen':
      return {
        title: `Reopen “${sale.name}”?`,
        text: 'Its line is restored unchanged, without a closing time. The sale stays paused until you resume it.',
        yes: 'Reopen the sale',
      }
    case 'pause':
    case 'resume':
      return undefined
  }
}
