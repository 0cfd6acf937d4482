/** Admitted buyers who order one unit each, in a sale of their own. */
export interface OrderRound {
  readonly sale: string
  readonly products: number
  readonly stockOfEach: number
  /** Concurrent buyers in a closed loop, one number after the other in equal parts of the time. */
  readonly stages: readonly number[]
  /** The number of orders, however long they take. Without it as many as the time allows. */
  readonly orders?: number
  /** Reads of the stock meanwhile, at this rate whatever the responses do. */
  readonly readsPerSecond?: number
}

/** Returns the round with its numbers of buyers, orders and units multiplied; its products stay. Pure. */
export function scaleRound(round: OrderRound, scale: number): OrderRound {
  const { stages, orders, stockOfEach, products, readsPerSecond } = round
  const scaled = (count: number): number => Math.max(1, Math.round(count * scale))
  return {
    ...round,
    stages: stages.map(scaled),
    ...(orders === undefined ? {} : { orders: scaled(orders) }),
    // As many units as before for each order.
    ...(orders === undefined || products > 1 ? {} : { stockOfEach: scaled(stockOfEach) }),
    ...(readsPerSecond === undefined ? {} : { readsPerSecond: scaled(readsPerSecond) }),
  }
}
