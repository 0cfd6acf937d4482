import { NOTHING_PUBLISHED, type Published, type StockNews } from './next-news.ts'

/** What this process has published, by sale. */
export interface Publications {
  /** What is published of a sale. A sale without news begins above the newest version of any sale. */
  of(sale: string): Published
  add(sale: string, news: StockNews): void
  /** Number of items of a sale; undefined before its first news. */
  itemsOf(sale: string): number | undefined
  /** Forgets the other sales. */
  keepOnly(sales: readonly string[]): void
  /** Forgets what is published: each sale begins with all items again. */
  beginAgain(): void
  /** The newest version of any sale. */
  newestVersion(): number
  /** Makes versions begin above this one. */
  beginAbove(version: number): void
}

export function createPublications(): Publications {
  const bySale = new Map<string, Published>()
  let newestVersion = 0
  return {
    of: (sale) => bySale.get(sale) ?? { ...NOTHING_PUBLISHED, version: newestVersion },
    add(sale, news) {
      bySale.set(sale, news.published)
      newestVersion = Math.max(newestVersion, news.version)
    },
    itemsOf: (sale) => bySale.get(sale)?.levels.size,
    keepOnly(sales) {
      const kept = new Set(sales)
      for (const sale of bySale.keys()) if (!kept.has(sale)) bySale.delete(sale)
    },
    beginAgain: () => bySale.clear(),
    newestVersion: () => newestVersion,
    beginAbove(version) {
      newestVersion = Math.max(newestVersion, version)
    },
  }
}
