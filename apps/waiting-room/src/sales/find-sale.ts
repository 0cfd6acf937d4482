import { saleId } from '@floodgate/contracts'
import { type NowOrLater, parseOrThrow } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { LiveSale, LiveSales } from './sale-cache.ts'

/** The sale, or 404. */
export async function findSaleOrThrow(sales: LiveSales, id: string): Promise<LiveSale> {
  const sale = await sales.find(id)
  if (sale === undefined) throw new AppError('not-found', { detail: 'There is no such sale.' })
  return sale
}

/** The sale of a path's parameter, at once while its snapshot is fresh. Throws 400 for what is no id, 404 for an unknown one. */
export function requireSale(sales: LiveSales, parameter: string): NowOrLater<LiveSale> {
  return sales.fresh(parameter) ?? findSaleOrThrow(sales, parseOrThrow(saleId, parameter))
}
