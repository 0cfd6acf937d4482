import { saleId } from '@floodgate/contracts'
import { type MaybePromise, parseOrThrow } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { CachedSale, SaleCache } from './sale-cache.ts'

/** The sale, or 404. */
export async function findSaleOrThrow(sales: SaleCache, id: string): Promise<CachedSale> {
  const sale = await sales.get(id)
  if (sale === undefined) throw new AppError('not-found', { detail: 'There is no such sale.' })
  return sale
}

/** The sale of a path's parameter, at once while its snapshot is fresh. Throws 400 for what is no id, 404 for an unknown one. */
export function requireSale(sales: SaleCache, parameter: string): MaybePromise<CachedSale> {
  return sales.peek(parameter) ?? findSaleOrThrow(sales, parseOrThrow(saleId, parameter))
}
