/** An item of an order that there is not enough of, at the moment of the refusal. */
export interface Shortage {
  readonly sku: string
  /** Units that the order asks for. */
  readonly quantity: number
  /** Units that nobody holds. */
  readonly available: number
  /** Units that are not sold: available, or held by orders that are not paid yet. */
  readonly unsold: number
}

/** Whether everything of at least one item is sold: more comes only from the operator, or from an order that is given back. */
export function isSoldOut(shortages: readonly Shortage[]): boolean {
  return shortages.some(({ unsold }) => unsold <= 0)
}

/** Whether the same order can succeed once units that others hold come back. */
export function canComeBack(shortages: readonly Shortage[]): boolean {
  return shortages.every(({ quantity, unsold }) => unsold >= quantity)
}
