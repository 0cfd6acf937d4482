import { setTimeout as sleep } from 'node:timers/promises'
import { untilNextPoll } from '@floodgate/database'
import type { RelayOptions } from './relay-options.ts'
import type { OutboxStore } from './store.ts'

const SWEEP_EVERY_MS = 5_000

type SweepOptions = Pick<RelayOptions, 'schema' | 'log' | 'onBacklog'> & {
  readonly store: OutboxStore
  readonly signal: AbortSignal
  /** False: what was sent may be lost, and is kept. */
  readonly mayForget: () => boolean
}

/** Deletes what was sent a minute ago and tells how much waits, until `signal` aborts. Never rejects. */
export async function sweepOutbox({ store, signal, log, schema, onBacklog, mayForget }: SweepOptions): Promise<void> {
  while (!signal.aborted) {
    try {
      while (!signal.aborted && mayForget() && (await store.forgetSent()));
      if (onBacklog) onBacklog(await store.readBacklog())
    } catch (error) {
      // The next round finds the same rows; the publisher already counts a database that is away.
      log.debug({ schema, error }, 'outbox relay: sweeping failed')
    }
    await sleep(untilNextPoll(SWEEP_EVERY_MS), undefined, { signal }).catch(() => undefined)
  }
}
