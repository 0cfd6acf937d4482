import { createRefundChanges } from '../../../apps/order-core/src/refunds/change-refunds.ts'
import { createRequestRefund } from '../../../apps/order-core/src/refunds/request-refund.ts'
import { createCorrectStock } from '../../../apps/order-core/src/stock/correct-stock.ts'
import { anything, fakePool, fakeStockRedis, silentLog } from './fakes.ts'
import type { Code, Perform } from './replay.ts'
import { type ExploredOrder, eventOf, SKU } from './shop.ts'

const depsOf = (perform: Perform) => ({
  pool: fakePool(perform),
  correctStock: createCorrectStock(fakeStockRedis(perform)),
  namesInEvents: true,
  metrics: anything<Parameters<typeof createRequestRefund>[0]['metrics']>(),
  log: silentLog,
  wakeRelay: () => undefined,
})

/** Returns the request of a refund of a paid order, by its index, as one piece of work. */
export function requestRefund(order: ExploredOrder, index: string): Code {
  return async function request(perform) {
    const refund = order.refunds[Number(index)]
    if (refund === undefined) throw new TypeError(`${order.name} has no refund ${index}`)
    const { id, units, restock } = refund
    const { kind } = await createRequestRefund(depsOf(perform))({
      ...{ id, order: order.id, requestHash: 'hash', restock, reason: 'explored', by: 'operator' },
      items: units === undefined ? undefined : [{ sku: SKU, quantity: units }],
    })
    return kind
  }
}

/** Takes over what the payment worker said about a refund of a paid order. */
export function settleRefund(perform: Perform, order: ExploredOrder, label: string): Promise<void> {
  return createRefundChanges(depsOf(perform)).settle([eventOf(order, `payment.${label}`)])
}

/** Returns the repetition of an order's refunds that are not made yet, as one piece of work. */
export function repeatRefunds({ id }: ExploredOrder): Code {
  return function repeat(perform) {
    return createRefundChanges(depsOf(perform)).repeat(id)
  }
}
