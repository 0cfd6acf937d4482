import { type Repeated, repeat } from '@floodgate/async'
import type { RelayOptions } from './relay-options.ts'
import type { OutboxStore } from './store.ts'

const SWEEP_EVERY_MS = 5_000

type SweepOptions = Pick<RelayOptions, 'schema' | 'log' | 'onBacklog'> & {
  readonly store: OutboxStore
  readonly signal: AbortSignal
  /** Returns false while sent events may be lost, and must be kept. */
  mayForget(): boolean
}

/** Deletes rows sent a minute ago and reports the backlog, until `signal` aborts. */
export function sweepOutbox({ store, signal, log, schema, onBacklog, mayForget }: SweepOptions): Repeated {
  return repeat({
    everyMs: SWEEP_EVERY_MS,
    signal,
    async work(stopping) {
      while (!stopping.aborted && mayForget() && (await store.forgetSent()));
      if (onBacklog) onBacklog(await store.readBacklog())
    },
    // The next round finds the same rows; the publisher already counts an unavailable database.
    onError: (error) => log.debug({ schema, error }, 'outbox relay: sweeping failed'),
  })
}
