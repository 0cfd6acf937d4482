/** Records the slots that have had their order. One store for all processes of the shop: Redis' `SET NX PXAT`, or a table. */
export interface SlotStore {
  /** Marks the slot as used, at least until then. Resolves with false if it was used already. */
  use(slot: string, until: Date): boolean | Promise<boolean>
}

export interface MemorySlots extends SlotStore {
  use(slot: string, until: Date): boolean
  has(slot: string): boolean
  /** Makes the slot usable again, after an order that failed. */
  free(slot: string): void
}

/** Keeps used slots in this process: for a shop of one process, and for tests. The oldest of `max` makes room. */
export function createMemorySlots({ max = 100_000 }: { readonly max?: number } = {}): MemorySlots {
  const used = new Set<string>()
  return {
    use: (slot) => {
      if (used.has(slot)) return false
      const oldest = used.size >= max ? used.values().next().value : undefined
      if (oldest !== undefined) used.delete(oldest)
      used.add(slot)
      return true
    },
    has: (slot) => used.has(slot),
    free: (slot) => {
      used.delete(slot)
    },
  }
}
