export interface InHalvesOptions<Item> {
  work(items: readonly Item[]): Promise<void>
  onCulprit(item: Item, error: unknown): Promise<void> | void
  /** Tells whether some of the items may have caused the error. */
  isFault(error: unknown): boolean
}

/**
 * Processes many items at once. When some of them cause a failure, each half is processed separately, down to single
 * items: the culprit goes to `onCulprit`, all others succeed. One culprit among n costs about 2 log n more calls. Any
 * other failure rejects at once; halves that succeeded stay done.
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
