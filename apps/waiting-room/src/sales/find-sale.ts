import { AppError } from '@floodgate/service'
import type { LiveSale, LiveSales } from './live-sales.ts'

/** The sale, or 404. */
export const findSaleOrRefuse = async (sales: LiveSales, id: string): Promise<LiveSale> => {
  const sale = await sales.find(id)
  if (sale === undefined) throw new AppError('not-found', { detail: 'There is no such sale.' })
  return sale
}
