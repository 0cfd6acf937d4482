import { setTimeout as delay } from 'node:timers/promises'
import { inHalves } from '@floodgate/database'

/**
 * Writes items in groups: whatever arrives while one write runs goes into the next. One transaction for hundreds of
 * charges costs the database little more than one for a single charge.
 */
export const createGroupWriter = <Item, Result>(options: {
  /** Writes all or none; one result per item, in order. Repeated with fewer items when an item was at fault. */
  write: (items: readonly Item[]) => Promise<readonly Result[]>
  groupSizeMax: number
  /** The least between the beginnings of two writes; the first one after a rest begins at once. Default none. */
  paceMs?: number
}): ((item: Item) => Promise<Result>) => {
  interface Waiting {
    readonly item: Item
    readonly resolve: (result: Result) => void
    readonly reject: (error: unknown) => void
  }
  let waiting: Waiting[] = []
  let writing = false

  /** One item that cannot be written takes none of the others with it. */
  const writeGroup = async (group: readonly Waiting[]) => {
    try {
      await inHalves(group, {
        work: async (part) => {
          const results = await options.write(part.map((each) => each.item))
          for (const [index, each] of part.entries()) each.resolve(results[index] as Result)
        },
        onCulprit: (each, error) => each.reject(error),
      })
    } catch (error) {
      // Those that are settled stay settled.
      for (const each of group) each.reject(error)
    }
  }

  const writeNext = async () => {
    if (writing) return
    writing = true
    while (waiting.length > 0) {
      const group = waiting.slice(0, options.groupSizeMax)
      waiting = waiting.slice(options.groupSizeMax)
      const nextAtMs = performance.now() + (options.paceMs ?? 0)
      await writeGroup(group)
      const restMs = nextAtMs - performance.now()
      if (restMs > 0 && waiting.length < options.groupSizeMax) await delay(restMs)
    }
    writing = false
  }

  return (item) => {
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    waiting.push({ item, resolve, reject })
    void writeNext()
    return promise
  }
}
