const ORDERS_MAX = 100_000

/**
 * Tracks orders whose records this process leased, or may have leased, without working on them, because the database
 * became unavailable. Releases them as soon as it responds; otherwise each would wait half a minute for the end of its
 * lease.
 */
export interface Dropped {
  add(orders: readonly string[]): void
  /** Throws while the database is unavailable. */
  giveBack(): Promise<void>
}

export function createDropped(giveBack: (orders: readonly string[]) => Promise<void>): Dropped {
  const dropped = new Set<string>()
  return {
    add(orders) {
      // The rest waits for its lease.
      for (const order of orders) if (dropped.size < ORDERS_MAX) dropped.add(order)
    },
    async giveBack() {
      if (dropped.size === 0) return
      const orders = [...dropped]
      await giveBack(orders)
      for (const order of orders) dropped.delete(order)
    },
  }
}
