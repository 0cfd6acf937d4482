import { writeFile } from 'node:fs/promises'
import type { OrderRequest } from '@floodgate/contracts'
import { z } from 'zod'
import { createAdmissionSigner } from './sign-admissions.ts'

/** The data of one `POST /orders`: an admission, a key and a body. */
export const preparedOrder = z.object({ admission: z.string(), key: z.string(), body: z.string() })
export type PreparedOrder = z.infer<typeof preparedOrder>

export const orderSeries = z.strictObject({
  /** The data directory of the system, with its signing key. */
  dataDir: z.string(),
  sale: z.string(),
  /** Taken in turn. */
  skus: z.array(z.string()).min(1).readonly(),
  /** Distinguishes the buyers of one series from another's. */
  label: z.string(),
  paymentMethod: z.string().optional(),
})
export type OrderSeries = z.infer<typeof orderSeries>

/**
 * Returns a function that makes the order with a number: of its own buyer, in its own slot, with an admission signed by
 * the system's own key. Admissions that a line would give in minutes are available at once, so that only checkout is
 * measured. It takes some 50 µs an order.
 */
export async function createOrderSeries(series: OrderSeries): Promise<(number: number) => PreparedOrder> {
  const { dataDir, sale, skus, label, paymentMethod = 'sim_ok' } = series
  const signAdmission = await createAdmissionSigner(dataDir, sale)
  return function orderOf(number) {
    const request: OrderRequest = {
      items: [{ sku: skus[number % skus.length] ?? 'COAT', quantity: 1 }],
      email: `buyer-${number}@example.org`,
      paymentMethod,
    }
    const name = `${label}-${number}`
    const admission = signAdmission({ buyer: `buyer-${name}`, slot: `slot-${name}` })
    return { admission, key: `key-${name}`, body: JSON.stringify(request) }
  }
}

/** Makes the first orders of a series. */
export async function prepareOrders({
  count,
  ...series
}: OrderSeries & { readonly count: number }): Promise<PreparedOrder[]> {
  const orderOf = await createOrderSeries(series)
  return Array.from({ length: count }, (_, number) => orderOf(number))
}

/** Writes one JSON array, for load generators in separate processes. */
export async function writeOrders(file: string, orders: readonly PreparedOrder[]): Promise<void> {
  await writeFile(file, JSON.stringify(orders))
}
