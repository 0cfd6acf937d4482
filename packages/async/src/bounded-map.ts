export interface BoundedMapOptions {
  /** What was used within so many milliseconds is kept, as far as `max` allows. Default for ever. */
  readonly keptMs?: number
  /** Default `performance.now`. */
  now?(): number
}

/** A Map of bounded size that forgets what was not used for long. */
export interface BoundedMap<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  delete(key: string): void
}

/**
 * Holds at least the half of `max` that was used last, and never more than `max`. Two generations: when the young one is
 * full it becomes the old one, and what is used there comes back. Not a Map in order of use: that moves an entry at
 * every look, and a Map of 200,000 is rebuilt again and again for the holes this leaves. With `keptMs` a generation ends
 * after so long, too: what was not used for twice that is gone, and memory does not grow with all who were ever here.
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
