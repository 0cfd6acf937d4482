import type { MoneyCheck } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import type { PaymentGateway } from '../gateway/payment-gateway.ts'
import { compareMoney } from './compare-money.ts'
import type { OrderBooks } from './read-orders.ts'

const RETRY_SECONDS = 5
/** More findings than this come from no change during the check. */
const READ_AGAIN_MAX = 10_000

export interface MoneyCheckDeps {
  readonly books: OrderBooks
  readonly gateway: Pick<PaymentGateway, 'listCharges'>
  /** Aborts a check when the app stops. */
  readonly signal: AbortSignal
}

/**
 * Compares the provider's charges with the order core's orders. Reads orders first: an order exists before its charge,
 * and a confirmed one after it. A missing order, newer than that read, is read separately. A refund may be made between
 * both reads: the order of each finding is read again, and only what its newer state confirms is reported.
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
  const times = { nowMs: Date.now(), keptSinceMs }
  const found = compareMoney(orders, charges, times)
  for (const { order: id } of found.findings.slice(0, READ_AGAIN_MAX)) {
    const order = await books.readOne(id)
    if (order !== undefined) orders.set(id, order)
  }
  const again = compareMoney(orders, charges, times)
  const before = new Map(found.findings.map(({ order, problem }) => [order, problem]))
  const findings = again.findings.filter(({ order, problem }) => before.get(order) === problem)
  return { ...again, ok: findings.length === 0, findings }
}
