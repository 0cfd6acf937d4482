/** An item that is short in an order, at the time of the rejection. */
export interface Shortage {
  readonly sku: string
  /** Units in the order. */
  readonly quantity: number
  /** Units that nobody holds. */
  readonly available: number
  /** Units that are not sold: available, or held by unpaid orders. */
  readonly unsold: number
}

/**
 * Tells whether everything of at least one item is sold: more comes only from the operator, or from a cancelled order.
 */
export function isSoldOut(shortages: readonly Shortage[]): boolean {
  return shortages.some(({ unsold }) => unsold <= 0)
}

/** Tells whether the same order can succeed once units that others hold come back. */
export function canComeBack(shortages: readonly Shortage[]): boolean {
  return shortages.every(({ quantity, unsold }) => unsold >= quantity)
}
