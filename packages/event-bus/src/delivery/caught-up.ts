/**
 * How long a partition that moved to another consumer still counts here: by then its new owner reports its own
 * progress.
 */
const HANDOVER_MS = 10_000

/** Tracks, by partition, the time up to which everything on the bus is known to be handled. */
export interface CaughtUp {
  /** Sets the partitions that this consumer owns from now on. The progress of a new one is unknown. */
  own(partitions: readonly string[]): void
  /** Records that everything the bus had for the partition at that time is handled. */
  know(partition: string, atMs: number): void
  /**
   * Returns the age of the oldest such time over all partitions; infinite while one is unknown; undefined without
   * partitions.
   */
  ageMs(): number | undefined
}

export function createCaughtUp(now: () => number = () => performance.now()): CaughtUp {
  const owned = new Map<string, number>()
  const handedOver = new Map<string, { readonly atMs: number; readonly endsAtMs: number }>()

  return {
    own(partitions) {
      const nowMs = now()
      for (const [partition, atMs] of owned) {
        if (partitions.includes(partition)) continue
        owned.delete(partition)
        handedOver.set(partition, { atMs, endsAtMs: nowMs + HANDOVER_MS })
      }
      for (const partition of partitions) {
        handedOver.delete(partition)
        if (!owned.has(partition)) owned.set(partition, Number.NEGATIVE_INFINITY)
      }
    },
    know(partition, atMs) {
      const before = owned.get(partition)
      if (before !== undefined && atMs > before) owned.set(partition, atMs)
    },
    ageMs() {
      const nowMs = now()
      for (const [partition, { endsAtMs }] of handedOver) if (endsAtMs <= nowMs) handedOver.delete(partition)
      const known = [...owned.values(), ...[...handedOver.values()].map(({ atMs }) => atMs)]
      return known.length === 0 ? undefined : nowMs - Math.min(...known)
    },
  }
}
