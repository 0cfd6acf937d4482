/** Counts open items per key, up to a bound. Keys without open items take no memory. */
export interface BoundedCounts {
  /** Returns false, and counts nothing, when the key is at its bound. */
  take(key: string): boolean
  giveBack(key: string): void
}

/** Creates the counts. A bound of 0 means unbounded. */
export function createBoundedCounts(max: number): BoundedCounts {
  const counts = new Map<string, number>()
  return {
    take(key) {
      const count = counts.get(key) ?? 0
      if (max !== 0 && count >= max) return false
      counts.set(key, count + 1)
      return true
    },
    giveBack(key) {
      const count = counts.get(key) ?? 0
      if (count > 1) counts.set(key, count - 1)
      else counts.delete(key)
    },
  }
}
