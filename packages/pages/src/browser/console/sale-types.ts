import type { SaleAct } from '@floodgate/contracts'

export type { SaleAct, SalePutInput, SaleResource } from '@floodgate/contracts'

/** The acts in the order of a sale's life. Contracts are imported for their types alone: nothing of them reaches a browser. */
export const saleAct: readonly SaleAct[] = ['open', 'pause', 'resume', 'close', 'reopen']
