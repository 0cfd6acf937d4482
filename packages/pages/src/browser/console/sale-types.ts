import type { SaleAct } from '@floodgate/contracts'

export type { SaleAct, SalePutInput, SaleResource } from '@floodgate/contracts'

/**
 * The actions in the order of a sale's life. Contracts are imported as types only: none of their code reaches a
 * browser.
 */
export const saleAct: readonly SaleAct[] = ['open', 'pause', 'resume', 'close', 'reopen']
