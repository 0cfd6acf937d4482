/** The items of the last seconds, by sale. */
export interface RecentItems<Item> {
  /** Records items of about the same time. */
  note(sale: string, items: readonly Item[]): void
  /** Returns the sales that have items from then on, with those items in their order. */
  since(fromMs: number): Map<string, readonly Item[]>
}

/** Keeps items for `keptMs` at least, and no more than `itemsMax`: in two generations, of `keptMs` or half of them each. */
export function createRecentItems<Item extends { readonly atMs: number }>({
  keptMs,
  itemsMax,
}: {
  readonly keptMs: number
  readonly itemsMax: number
}): RecentItems<Item> {
  let young = new Map<string, Item[]>()
  let old = new Map<string, Item[]>()
  let count = 0
  let beganAtMs = 0

  function turnOver(atMs: number): void {
    if (Math.abs(atMs - beganAtMs) < keptMs && count < itemsMax / 2) return
    old = young
    young = new Map()
    count = 0
    beganAtMs = atMs
  }

  return {
    note(sale, items) {
      const [first] = items
      if (first === undefined) return
      turnOver(first.atMs)
      const known = young.get(sale)
      if (known === undefined) young.set(sale, [...items])
      else known.push(...items)
      count += items.length
    },
    since(fromMs) {
      const recent = new Map<string, readonly Item[]>()
      for (const sale of new Set([...old.keys(), ...young.keys()])) {
        const items = [...(old.get(sale) ?? []), ...(young.get(sale) ?? [])].filter(({ atMs }) => atMs >= fromMs)
        if (items.length > 0) recent.set(sale, items)
      }
      return recent
    },
  }
}
