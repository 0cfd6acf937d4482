/** So long a partition that went to another consumer counts here too: by then its new owner says itself how far it is. */
const HANDOVER_MS = 10_000

/** Until when everything that the bus had is known to be handled, by partition. */
export interface CaughtUp {
  /** The partitions that this consumer owns from now on. Of one that is new to it nothing is known. */
  own(partitions: readonly string[]): void
  /** Everything that the bus had for the partition at that time is handled. */
  know(partition: string, atMs: number): void
  /** Since when that is known of all partitions; infinite while it never was; undefined without partitions. */
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
