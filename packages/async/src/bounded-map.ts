export interface BoundedMapOptions {
  /** Minimum time that an unused entry stays, as far as `max` allows. Default: no limit. */
  readonly keptMs?: number
  /** Default `performance.now`. */
  now?(): number
}

/** A Map of bounded size that drops entries unused for long. */
export interface BoundedMap<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  delete(key: string): void
}

/**
 * Creates the map. It holds at least the `max / 2` entries used last, and never more than `max`. It has two
 * generations: when the young one is full it becomes the old one, and an entry used there moves back to the young one.
 * A Map in the order of use would move an entry at every read, and a Map of 200,000 entries would be rebuilt again and
 * again because of the holes. With `keptMs` a generation also ends after that time: an entry unused for twice that time
 * is gone, so that memory does not grow with all clients ever seen.
 */
export function createBoundedMap<Value>(
  max: number,
  { keptMs = Number.POSITIVE_INFINITY, now = performance.now.bind(performance) }: BoundedMapOptions = {},
): BoundedMap<Value> {
  const generationMax = Math.max(1, Math.floor(max / 2))
  let young = new Map<string, Value>()
  let old = new Map<string, Value>()
  let beganAtMs = now()
  const set = (key: string, value: Value) => {
    if ((young.size >= generationMax && !young.has(key)) || now() - beganAtMs >= keptMs) {
      old = young
      young = new Map()
      beganAtMs = now()
    }
    young.set(key, value)
  }
  return {
    get: (key) => {
      const value = young.get(key)
      if (value !== undefined) return value
      const before = old.get(key)
      if (before === undefined) return undefined
      old.delete(key)
      set(key, before)
      return before
    },
    set: (key, value) => {
      set(key, value)
      old.delete(key)
    },
    delete: (key) => {
      young.delete(key)
      old.delete(key)
    },
  }
}
