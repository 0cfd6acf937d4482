/**
 * After a declined card the buyer may try another, and an abandoned order was never placed: the slot is free for another order.
 * Every other end uses it up. `orders_slot_bound` in Postgres says the same.
 */
export const freeingReasons: readonly string[] = ['declined', 'abandoned']

export function freesSlot({ cancelReason }: { readonly cancelReason: string | null }): boolean {
  return cancelReason !== null && freeingReasons.includes(cancelReason)
}
