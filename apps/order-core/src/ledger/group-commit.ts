import type { NewOrder } from '../order/order.ts'
import type { CommitOutcome, Outcomes } from './commit-outcome.ts'

export interface GroupCommit {
  /**
   * Joins the sale's next batch. `busy`: the queue is full, or this process is stopping; the order was not examined.
   */
  submit(order: NewOrder): Promise<Submitted>
  /** Returns the number of orders waiting or being committed. */
  size(): number
  /** Tells whether the sale's queue is full: orders that wait for another sale's fence take no room in it. */
  isFull(sale: string): boolean
  /** Accepts no more orders and resolves when those in the queue are done. */
  stop(): Promise<void>
}

type Submitted =
  | { readonly kind: 'committed'; readonly outcome: CommitOutcome; readonly batchSize: number }
  | { readonly kind: 'busy' }

export interface GroupCommitOptions {
  commit(batch: readonly NewOrder[]): Promise<Outcomes>
  /** Maximum number of orders in one statement. */
  readonly batchMax: number
  /** Maximum number of orders of one sale in the queue. */
  readonly queueMax: number
  onBatch(batch: { readonly sale: string; readonly size: number; readonly ms: number }): void
}

interface Entry {
  readonly order: NewOrder
  readonly result: PromiseWithResolvers<Submitted>
}

/**
 * Commits orders in groups: orders that arrive while their sale's previous batch is being committed share the next one,
 * so that a busier sale has larger batches. One writer per sale and process, so batches never mix sales. An order that
 * is already in the queue (its key was sent twice at once) shares the first one's outcome.
 */
export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  const waiting = new Map<string, Entry[]>()
  const inside = new Map<string, Promise<Submitted>>()
  /** Orders in the queue, by sale. */
  const loads = new Map<string, number>()
  const writers = new Map<string, Promise<void>>()
  let stopping = false

  const write = async (sale: string) => {
    // Orders that arrive in this turn of the event loop still join.
    await new Promise((resolve) => setImmediate(resolve))
    for (let queue = waiting.get(sale); queue !== undefined && queue.length > 0; queue = waiting.get(sale)) {
      const batch = queue.splice(0, options.batchMax)
      const started = performance.now()
      const settled = await Promise.allSettled([options.commit(batch.map((entry) => entry.order))])
      options.onBatch({ sale, size: batch.length, ms: performance.now() - started })
      loads.set(sale, (loads.get(sale) ?? 0) - batch.length)
      for (const { order, result } of batch) {
        inside.delete(order.id)
        const outcomes = settled[0]?.status === 'fulfilled' ? settled[0].value : undefined
        const outcome = outcomes?.get(order.id) ?? { kind: 'unknown' as const }
        result.resolve({ kind: 'committed', outcome, batchSize: batch.length })
      }
    }
    waiting.delete(sale)
    loads.delete(sale)
    writers.delete(sale)
  }

  const isFull = (sale: string) => stopping || (loads.get(sale) ?? 0) >= options.queueMax
  return {
    submit: (order) => {
      const queued = inside.get(order.id)
      if (queued !== undefined) return queued
      if (isFull(order.sale)) return Promise.resolve({ kind: 'busy' })
      const result = Promise.withResolvers<Submitted>()
      const queue = waiting.get(order.sale) ?? []
      queue.push({ order, result })
      waiting.set(order.sale, queue)
      inside.set(order.id, result.promise)
      loads.set(order.sale, (loads.get(order.sale) ?? 0) + 1)
      if (!writers.has(order.sale)) writers.set(order.sale, write(order.sale))
      return result.promise
    },
    size: () => inside.size,
    isFull,
    stop: async () => {
      stopping = true
      await Promise.all(writers.values())
    },
  }
}
