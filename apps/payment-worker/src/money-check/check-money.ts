import type { MoneyCheck } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import type { PaymentGateway } from '../gateway/payment-gateway.ts'
import { compareMoney } from './compare-money.ts'
import type { OrderBooks } from './read-orders.ts'

const RETRY_SECONDS = 5

export interface MoneyCheckDeps {
  readonly books: OrderBooks
  readonly gateway: Pick<PaymentGateway, 'listCharges'>
  /** Aborts a check when the app stops. */
  readonly signal: AbortSignal
}

/**
 * Compares the provider's charges with the order core's orders. Reads orders first: an order exists before its charge,
 * and a confirmed one after it. A missing order, newer than that read, is read separately.
 */
export async function checkMoney({ books, gateway, signal }: MoneyCheckDeps): Promise<MoneyCheck> {
  const { orders, keptSinceMs } = await books.readAll()
  const listed = await gateway.listCharges(signal)
  if (listed.kind === 'unavailable') {
    const detail = 'The payment provider did not list its charges.'
    throw new AppError('unavailable', { detail, retryAfterSeconds: RETRY_SECONDS })
  }
  const { charges } = listed
  for (const { orderId, chargedAtMs } of charges) {
    if (orders.has(orderId) || chargedAtMs < keptSinceMs) continue
    const order = await books.readOne(orderId)
    if (order !== undefined) orders.set(orderId, order)
  }
  return compareMoney(orders, charges, { nowMs: Date.now(), keptSinceMs })
}
