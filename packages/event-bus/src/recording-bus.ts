import type { FloodgateEvent } from '@floodgate/contracts'
import type { EventBus, SubscribeOptions } from './port.ts'

/** A bus without a server: it records subscriptions, and a test passes batches to their handlers. */
export interface RecordingBus extends EventBus {
  groups(): readonly string[]
  /** Passes a batch to a group once. Resolves to what a bus would do next. */
  deliver(group: string, batch: readonly FloodgateEvent[]): Promise<Delivered>
}

/**
 * `waits`: it would redeliver the batch for as long as it takes. `counts`: after several such failures it would make
 * dead letters.
 */
export type Delivered = { readonly kind: 'handled' } | { readonly kind: 'waits' | 'counts'; readonly error: unknown }

export function createRecordingBus(): RecordingBus {
  const subscribed = new Map<string, SubscribeOptions>()
  return {
    kind: 'redis',
    publish: async () => undefined,
    subscribe: async (options) => {
      subscribed.set(options.group, options)
      return {
        pause: () => undefined,
        resume: () => undefined,
        stop: async () => undefined,
        health: () => ({ ready: true, lastPollAgeMs: 0 }),
      }
    },
    deadLetters: () => ({
      list: async () => ({ letters: [], next: null }),
      read: async () => undefined,
      replay: async () => [],
      drop: async () => [],
      count: async () => 0,
    }),
    health: () => ({ ready: true }),
    close: async () => undefined,
    groups: () => [...subscribed.keys()],
    deliver: async (group, batch) => {
      const options = subscribed.get(group)
      const [topic] = options?.topics ?? []
      if (options === undefined || topic === undefined) throw new RangeError(`No subscription of ${group}.`)
      try {
        await options.handle(batch, { topic, partition: 0, signal: new AbortController().signal })
        return { kind: 'handled' }
      } catch (error) {
        return { kind: options.isRetriable?.(error) === true ? 'waits' : 'counts', error }
      }
    },
  }
}
