import { inHalves } from './in-halves.ts'
import { pause } from './pause.ts'

/** Work of which at most one run is in progress. */
export interface SerialRun {
  /** Begins a run, or schedules one more after the current one, however often it is called meanwhile. */
  run(): void
  /** Resolves when no run is in progress. */
  settled(): Promise<void>
}

/** Creates serial runs: work that arrives during one run goes into the next. `work` must not reject. */
export function createSerialRun(work: () => Promise<void>): SerialRun {
  let underWay: Promise<void> | undefined
  let isWanted = false

  async function runAll(): Promise<void> {
    while (isWanted) {
      isWanted = false
      await work()
    }
    underWay = undefined
  }

  return {
    run() {
      isWanted = true
      underWay ??= runAll()
    },
    settled: async () => underWay,
  }
}

export interface WriteBehindOptions<Item, Result> {
  /** Writes all items or none; returns one result per item, in order. */
  write(items: readonly Item[]): Promise<readonly Result[]>
  readonly itemsMax: number
  /** Minimum time between the starts of two writes; the first one after an idle time begins at once. Default 0. */
  readonly paceMs?: number
  /**
   * Tells whether some items may have caused an error of `write`: then only those fail ({@link inHalves}). Default: all
   * fail.
   */
  isFault?(error: unknown): boolean
}

interface Waiting<Item, Result> {
  readonly item: Item
  readonly result: PromiseWithResolvers<Result>
}

/**
 * Writes items in groups: items that arrive during one write go into the next. One transaction for hundreds of rows
 * costs a database little more than one for a single row. Returns the item's own result; rejects with the error of its
 * write.
 */
export function createWriteBehind<Item, Result>(
  options: WriteBehindOptions<Item, Result>,
): (item: Item) => Promise<Result> {
  const { itemsMax, paceMs = 0, isFault = () => false } = options
  const waiting: Waiting<Item, Result>[] = []

  async function writePart(part: readonly Waiting<Item, Result>[]): Promise<void> {
    const results = await options.write(part.map(({ item }) => item))
    for (const [index, { result }] of part.entries()) result.resolve(results[index] as Result)
  }

  async function writeGroup(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      await inHalves(group, { work: writePart, onCulprit: ({ result }, error) => result.reject(error), isFault })
    } catch (error) {
      // Items that are already settled stay settled.
      for (const { result } of group) result.reject(error)
    }
  }

  const runs = createSerialRun(async function writeAll() {
    while (waiting.length > 0) {
      const nextAtMs = performance.now() + paceMs
      await writeGroup(waiting.splice(0, itemsMax))
      const restMs = nextAtMs - performance.now()
      if (restMs > 0 && waiting.length < itemsMax) await pause(restMs)
    }
  })

  return function write(item) {
    const result = Promise.withResolvers<Result>()
    waiting.push({ item, result })
    runs.run()
    return result.promise
  }
}
