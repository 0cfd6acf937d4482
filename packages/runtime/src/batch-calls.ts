/** Hands an item on with whatever else comes for its group in this turn of the event loop; answers the item's own result. */
export type CallInBatch<Item, Result> = (group: string, item: Item) => Promise<Result>

interface Batch<Item, Result> {
  readonly items: Item[]
  readonly results: PromiseWithResolvers<Result>[]
  readonly keys: Set<string>
}

/**
 * Lets what is asked for in the same turn of the event loop share one call: nobody waits for a batch to fill, and in a
 * rush a call is shared by dozens. A batch is of one group (a sale) and has at most `itemsMax` items, in the order in
 * which they came, and with `keyOf` no key twice. `send` answers in the order of its items; what it throws is told to all
 * of them. Measured: see ADR 0013.
 */
export const createBatches = <Item, Result>(options: {
  readonly itemsMax: number
  readonly keyOf?: (item: Item) => string
  readonly send: (group: string, items: readonly Item[]) => Promise<readonly Result[]>
}): CallInBatch<Item, Result> => {
  const { itemsMax, keyOf, send } = options
  const gathering = new Map<string, Batch<Item, Result>>()

  const call = async (group: string, { items, results }: Batch<Item, Result>): Promise<void> => {
    try {
      const all = await send(group, items)
      if (all.length !== items.length) throw new TypeError(`${all.length} results for ${items.length} items`)
      for (const [index, result] of all.entries()) results[index]?.resolve(result)
    } catch (error) {
      for (const { reject } of results) reject(error)
    }
  }

  const flush = (group: string, batch: Batch<Item, Result>): void => {
    // It may be on its way already: it was full, or a key came again.
    if (gathering.get(group) !== batch) return
    gathering.delete(group)
    void call(group, batch)
  }

  const begin = (group: string): Batch<Item, Result> => {
    const batch: Batch<Item, Result> = { items: [], results: [], keys: new Set() }
    gathering.set(group, batch)
    setImmediate(() => flush(group, batch))
    return batch
  }

  return function callInBatch(group, item) {
    const key = keyOf?.(item)
    const current = gathering.get(group)
    if (current !== undefined && key !== undefined && current.keys.has(key)) flush(group, current)
    const batch = gathering.get(group) ?? begin(group)
    const result = Promise.withResolvers<Result>()
    batch.items.push(item)
    batch.results.push(result)
    if (key !== undefined) batch.keys.add(key)
    if (batch.items.length >= itemsMax) flush(group, batch)
    return result.promise
  }
}
