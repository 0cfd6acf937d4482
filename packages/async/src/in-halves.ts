export interface InHalvesOptions<Item> {
  work(items: readonly Item[]): Promise<void>
  onCulprit(item: Item, error: unknown): Promise<void> | void
  /** Whether the error may be the fault of some of the items. */
  isFault(error: unknown): boolean
}

/**
 * Does work for many items at once. When it fails through a fault of some, each half is done by itself, down to single
 * items: the culprit reaches `onCulprit`, all others are done. One culprit among n costs about 2 log n further calls.
 * Any other failure rejects at once; halves done before stay done.
 */
export async function inHalves<Item>(items: readonly Item[], options: InHalvesOptions<Item>): Promise<void> {
  const [first] = items
  if (first === undefined) return
  try {
    await options.work(items)
  } catch (error) {
    if (!options.isFault(error)) throw error
    if (items.length === 1) return await options.onCulprit(first, error)
    const middle = Math.ceil(items.length / 2)
    await inHalves(items.slice(0, middle), options)
    await inHalves(items.slice(middle), options)
  }
}
