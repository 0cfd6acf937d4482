import { type BackOff, backOffMs, raceSignal } from '@floodgate/async'
import { type Encoded, encodeRow } from './encode.ts'
import type { RelayOptions } from './relay-options.ts'
import type { OutboxStore, StoredEvent } from './store.ts'

export type Round =
  /** `more`: the round reached its maximum. */
  | { readonly kind: 'published'; readonly more: boolean }
  | { readonly kind: 'idle' }
  | { readonly kind: 'failed'; readonly retryAfterMs: number }

const SECOND = 1_000
const PUBLISH_MS_MAX = 30 * SECOND
const RETRY: BackOff = { minMs: 100, maxMs: 2 * SECOND }

type PublisherOptions = Pick<
  RelayOptions,
  'schema' | 'source' | 'bus' | 'log' | 'reachFailPoint' | 'onPublished' | 'onPublishFailed' | 'onParked'
> & { readonly store: OutboxStore; readonly rowsMax: number }

/** Reads, publishes and marks one batch after the other; tracks how long the bus or the database has been failing. */
export function createPublisher(options: PublisherOptions) {
  const { schema, store, log } = options
  let failures = 0

  async function publishBatch(held: AbortSignal): Promise<Round> {
    try {
      const rows = await store.readUnsent(options.rowsMax)
      held.throwIfAborted()
      const encoded = rows.map((row) => encodeRow(row, options.source))
      for (const each of encoded) if (each.kind === 'poison') await park(each)
      const sound = encoded.filter((each) => each.kind === 'encoded')
      if (sound.length > 0) await publish(sound, held)
      if (failures > 0) log.info({ schema, failures }, 'outbox relay: publishing again')
      failures = 0
      const more = rows.length === options.rowsMax
      return !more && sound.length === 0 ? { kind: 'idle' } : { kind: 'published', more }
    } catch (error) {
      return fail(error, held)
    }
  }

  async function publish(sound: readonly Extract<Encoded, { kind: 'encoded' }>[], held: AbortSignal): Promise<void> {
    const startedAt = performance.now()
    const signal = AbortSignal.any([held, AbortSignal.timeout(PUBLISH_MS_MAX)])
    const events = sound.map((each) => each.event)
    // A bus that ignores its signal must not keep the relay from giving up: anything it does later is a repetition,
    // which consumers handle.
    await raceSignal(options.bus.publish(events, signal), signal)
    const ms = performance.now() - startedAt
    await options.reachFailPoint?.('after-publish-before-delete')
    const rows = sound.map((each) => each.row)
    await store.markSent(rows.map((row) => row.id))
    const published = rows.map(({ type, key }) => ({ type, key }))
    log.info(
      { step: 'outbox.published', schema, events: published, ms, oldestAgeMs: oldestAgeMs(rows) },
      'events published',
    )
    options.onPublished?.(rows)
  }

  async function park({ row, reason }: Extract<Encoded, { kind: 'poison' }>): Promise<void> {
    await store.park(row.id, reason)
    log.error({ schema, id: row.id, type: row.type, reason }, 'unpublishable outbox row set aside')
    options.onParked?.({ type: row.type, reason })
  }

  function fail(error: unknown, held: AbortSignal): Round {
    // The lock is lost, or the process stops: that says nothing about the bus.
    if (held.aborted) return { kind: 'failed', retryAfterMs: 0 }
    failures += 1
    if (failures === 1) log.warn({ schema, error }, 'outbox relay: publishing failed, events wait')
    options.onPublishFailed?.(error)
    return { kind: 'failed', retryAfterMs: backOffMs(RETRY, failures - 1, Math.random()) }
  }

  return { publishBatch }
}

/** Returns how long the oldest row of the batch has waited. */
function oldestAgeMs(rows: readonly StoredEvent[]): number {
  return Date.now() - rows.reduce((oldest, row) => Math.min(oldest, row.occurredAt.getTime()), Infinity)
}
