/** Counts what each key has open, up to a bound. Keys without anything open take no memory. */
export interface BoundedCounts {
  /** False, and nothing counted, when the key has as many as it may. */
  take(key: string): boolean
  giveBack(key: string): void
}

/** A bound of 0 is none. */
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
