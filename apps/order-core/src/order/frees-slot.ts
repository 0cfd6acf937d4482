/**
 * The reasons that free a slot for another order: after a declined card the buyer may try another, and an abandoned
 * order was never placed. Every other end uses the slot up. `orders_slot_bound` in Postgres states the same.
 */
export const freeingReasons: readonly string[] = ['declined', 'abandoned']

export function freesSlot({ cancelReason }: { readonly cancelReason: string | null }): boolean {
  return cancelReason !== null && freeingReasons.includes(cancelReason)
}
