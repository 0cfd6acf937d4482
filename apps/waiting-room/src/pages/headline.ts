import type { Headline } from '@floodgate/pages'
import type { SaleCache } from '../sales/sale-cache.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

const headlineOf = ({
  name,
  publicState,
  opensAtMs,
  returnSeconds,
  admissionTtlSeconds,
  frameOrigins,
  returnOrigins,
  identity,
  defaultReturnUrl,
  language,
}: Snapshot): Headline => ({
  name,
  saleState: publicState,
  returnSeconds,
  turnSeconds: admissionTtlSeconds,
  frameOrigins,
  hasShop: returnOrigins.length > 0,
  signInUrl: identity === null ? null : defaultReturnUrl,
  language,
  opensAt: opensAtMs === undefined ? null : new Date(opensAtMs).toISOString(),
})

/** Reads a page's initial data of a sale; undefined for a sale that does not exist. */
export function createHeadlines(sales: Pick<SaleCache, 'get'>): (id: string) => Promise<Headline | undefined> {
  return async function readHeadline(id) {
    const sale = await sales.get(id)
    return sale === undefined ? undefined : headlineOf(sale.snapshot)
  }
}
