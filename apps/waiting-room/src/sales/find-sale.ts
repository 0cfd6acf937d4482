import { saleId } from '@floodgate/contracts'
import { type MaybePromise, parseOrThrow } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { CachedSale, SaleCache } from './sale-cache.ts'

/** Returns the sale, or throws 404. */
export async function findSaleOrThrow(sales: SaleCache, id: string): Promise<CachedSale> {
  const sale = await sales.get(id)
  if (sale === undefined) throw unknownSale()
  return sale
}

export function unknownSale(): AppError {
  return new AppError('not-found', { detail: 'This sale does not exist.' })
}

/**
 * Returns the sale of a path's parameter, at once while its snapshot is fresh. Throws 400 for an invalid id, 404 for an
 * unknown one.
 */
export function requireSale(sales: SaleCache, parameter: string): MaybePromise<CachedSale> {
  return sales.peek(parameter) ?? findSaleOrThrow(sales, parseOrThrow(saleId, parameter))
}
