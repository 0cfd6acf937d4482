import { setTimeout as delay } from 'node:timers/promises'
import { createEventBus } from '@floodgate/event-bus'
import { createRelay } from '@floodgate/outbox'
import { createLogger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { insertAtOnce, type placedOrder, source } from './outbox-rows.ts'

const PUBLISHED_MS_MAX = 900_000
const READY_POLL_MS = 20

export interface RunningRelay {
  /** Writes the events and waits until all of them are published and marked; the milliseconds since their commit. */
  publish(events: readonly ReturnType<typeof placedOrder>[]): Promise<number>
  close(): Promise<void>
}

/** The outbox relay as an app runs it, on Kafka. */
export async function startRelay(options: {
  readonly pool: Pool
  readonly databaseUrl: string
  readonly brokers: readonly string[]
  readonly signal: AbortSignal
}): Promise<RunningRelay> {
  const { pool, databaseUrl, brokers, signal } = options
  const log = createLogger({ app: 'bench-relay', level: 'error' })
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => undefined)
  const bus = createEventBus({ kind: 'kafka', brokers, clientId: 'bench-relay', log, onFatal: failed.reject })
  let wanted = 0
  let published = Promise.withResolvers<number>()
  const relay = createRelay({
    schema: 'orders',
    source,
    pool,
    databaseUrl,
    bus,
    log,
    onPublished: (events) => {
      wanted -= events.length
      if (wanted <= 0) published.resolve(performance.now())
    },
  })
  relay.start()
  while (relay.health().role !== 'publishing') await delay(READY_POLL_MS, undefined, { signal })
  return {
    async publish(events) {
      published = Promise.withResolvers<number>()
      wanted = events.length
      await insertAtOnce(pool, events)
      const committedAt = performance.now()
      relay.wake()
      const late = delay(PUBLISHED_MS_MAX, undefined, { signal, ref: false }).then(() => {
        throw new Error('The relay did not publish everything within a quarter of an hour.')
      })
      return (await Promise.race([published.promise, failed.promise, late])) - committedAt
    },
    async close() {
      await relay.stop()
      await bus.close()
    },
  }
}
