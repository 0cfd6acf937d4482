import type { NewOrder } from '../order/order.ts'
import type { CommitOutcome, Unknown } from './commit-outcome.ts'

/** What a group commit writes: an order, or the claim of a voucher. */
interface CommitItem {
  /** Unique in all sales. */
  readonly id: string
  readonly sale: string
}

export interface GroupCommit<Item extends CommitItem = NewOrder, Outcome = CommitOutcome> {
  /**
   * Joins the sale's next batch. `busy`: the queue is full, or this process is stopping; the item was not examined.
   */
  submit(item: Item): Promise<Submitted<Outcome>>
  /** Returns the number of items waiting or being committed. */
  size(): number
  /** Tells whether the sale's queue is full: items that wait for another sale's fence take no room in it. */
  isFull(sale: string): boolean
  /** Accepts no more items and resolves when those in the queue are done. */
  stop(): Promise<void>
}

type Submitted<Outcome> =
  | { readonly kind: 'committed'; readonly outcome: Outcome | Unknown; readonly batchSize: number }
  | { readonly kind: 'busy' }

interface GroupCommitOptions<Item extends CommitItem, Outcome> {
  commit(batch: readonly Item[]): Promise<ReadonlyMap<string, Outcome>>
  /** Maximum number of items in one statement. */
  readonly batchMax: number
  /** Maximum number of items of one sale in the queue. */
  readonly queueMax: number
  onBatch(batch: { readonly sale: string; readonly size: number; readonly ms: number }): void
}

interface Entry<Item, Outcome> {
  readonly item: Item
  readonly result: PromiseWithResolvers<Submitted<Outcome>>
}

/**
 * Commits items in groups: items that arrive while their sale's previous batch is being committed share the next one,
 * so that a busier sale has larger batches. One writer per sale and process, so batches never mix sales. An item that
 * is already in the queue (it was sent twice at once) shares the first one's outcome.
 */
export function createGroupCommit<Item extends CommitItem, Outcome>(
  options: GroupCommitOptions<Item, Outcome>,
): GroupCommit<Item, Outcome> {
  const waiting = new Map<string, Entry<Item, Outcome>[]>()
  const inside = new Map<string, Promise<Submitted<Outcome>>>()
  /** Items in the queue, by sale. */
  const loads = new Map<string, number>()
  const writers = new Map<string, Promise<void>>()
  let stopping = false

  const write = async (sale: string) => {
    // Items that arrive in this turn of the event loop still join.
    await new Promise((resolve) => setImmediate(resolve))
    for (let queue = waiting.get(sale); queue !== undefined && queue.length > 0; queue = waiting.get(sale)) {
      const batch = queue.splice(0, options.batchMax)
      const started = performance.now()
      const settled = await Promise.allSettled([options.commit(batch.map((entry) => entry.item))])
      options.onBatch({ sale, size: batch.length, ms: performance.now() - started })
      loads.set(sale, (loads.get(sale) ?? 0) - batch.length)
      const outcomes = settled[0].status === 'fulfilled' ? settled[0].value : undefined
      // After the next batch was sent: the database commits it while this one's responses are written.
      process.nextTick(settle, batch, outcomes)
    }
    waiting.delete(sale)
    loads.delete(sale)
    writers.delete(sale)
  }

  const settle = (batch: readonly Entry<Item, Outcome>[], outcomes: ReadonlyMap<string, Outcome> | undefined) => {
    for (const { item, result } of batch) {
      inside.delete(item.id)
      const outcome = outcomes?.get(item.id) ?? { kind: 'unknown' as const }
      result.resolve({ kind: 'committed', outcome, batchSize: batch.length })
    }
  }

  const isFull = (sale: string) => stopping || (loads.get(sale) ?? 0) >= options.queueMax
  return {
    submit: (item) => {
      const { id, sale } = item
      const queued = inside.get(id)
      if (queued !== undefined) return queued
      if (isFull(sale)) return Promise.resolve({ kind: 'busy' })
      const result = Promise.withResolvers<Submitted<Outcome>>()
      const queue = waiting.get(sale) ?? []
      queue.push({ item, result })
      waiting.set(sale, queue)
      inside.set(id, result.promise)
      loads.set(sale, (loads.get(sale) ?? 0) + 1)
      if (!writers.has(sale)) writers.set(sale, write(sale))
      return result.promise
    },
    size: () => inside.size,
    isFull,
    stop: async () => {
      stopping = true
      await Promise.all(writers.values())
      // The last batch settles after its writer.
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}
