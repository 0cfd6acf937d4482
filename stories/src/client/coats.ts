import type { NewSale } from '@floodgate/client'
import type { CatalogueItem } from '@floodgate/contracts'

/** The item that most stories sell. */
export function coat(total: number, perBuyerLimit = 2): CatalogueItem {
  return {
    sku: 'COAT',
    name: 'Wool coat',
    listPriceMinor: 24_900,
    salePriceMinor: 12_450,
    total,
    perBuyerLimit,
  }
}

/** The default sale of a story. */
export const SALE_OF_COATS: NewSale = {
  name: 'Winter coats',
  admitPerSecond: 50,
  maxActive: 1_000,
  admissionTtlSeconds: 300,
  items: [coat(10)],
}
