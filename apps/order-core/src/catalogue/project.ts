import { defineScript } from '@floodgate/redis'
import { type Fence, runFenced } from '../stock/fence.ts'
import { saleKeys } from '../stock/keys.ts'
import type { StoredCatalogue } from './store.ts'

const script = defineScript({ name: 'project', file: new URL('./project.lua', import.meta.url), numberOfKeys: 3 })

/**
 * Makes a catalogue that is in Postgres the one that holds are taken by. Once this resolves no hold is taken at an older
 * price: the hold script reads price, limit and stock in one step.
 */
export const projectCatalogue = async (fence: Fence, catalogue: StoredCatalogue): Promise<void> => {
  const keys = saleKeys(catalogue.sale)
  await runFenced(fence, script, {
    sale: catalogue.sale,
    keys: [keys.meta, keys.items, keys.stock],
    args: [
      catalogue.version,
      catalogue.currency,
      ...catalogue.items.flatMap((item) => [item.sku, item.salePriceMinor, item.perBuyerLimit, item.total]),
    ],
  })
}
