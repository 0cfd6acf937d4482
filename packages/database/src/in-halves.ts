import { isFaultOfPart } from './errors.ts'

/**
 * Does work for many items at once. When it fails through a fault of a part, each half is done by itself, down to single
 * items: the culprit reaches `onCulprit`, all others are done. One culprit among n costs about 2 log n further calls.
 * Any other failure rejects at once; halves done before stay done.
 */
export async function inHalves<Item>(
  items: readonly Item[],
  options: {
    readonly work: (items: readonly Item[]) => Promise<void>
    readonly onCulprit: (item: Item, error: unknown) => Promise<void> | void
    /** Default: `isFaultOfPart`. */
    readonly isFault?: (error: unknown) => boolean
  },
): Promise<void> {
  const [first] = items
  if (first === undefined) return
  try {
    await options.work(items)
  } catch (error) {
    if (!(options.isFault ?? isFaultOfPart)(error)) throw error
    if (items.length === 1) return await options.onCulprit(first, error)
    const middle = Math.ceil(items.length / 2)
    await inHalves(items.slice(0, middle), options)
    await inHalves(items.slice(middle), options)
  }
}
