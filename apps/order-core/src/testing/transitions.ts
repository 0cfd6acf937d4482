import { silentLogger } from '@floodgate/testkit/fixtures'
import { NO_TRACING } from '@floodgate/tracing'
import type { Pool } from 'pg'
import { Registry } from 'prom-client'
import { createSagaMetrics } from '../saga/saga-metrics.ts'
import { createTransitions, type TransitionOptions, type Transitions } from '../saga/transitions.ts'
import type { HoldEnd } from '../stock/end-holds.ts'
import { createTestLedger, type TestLedger } from './ledger.ts'

/** The transitions of one process. Declines do not end a slot, and Redis ends every hold it gets. */
export function createTestTransitions(pool: Pool, changes: Partial<TransitionOptions> = {}): Transitions {
  return createTransitions({
    pool,
    declinedMax: 0,
    log: silentLogger,
    tracing: NO_TRACING,
    metrics: createSagaMetrics(new Registry()),
    wakeRelay: () => undefined,
    endHolds: async (entries) => entries.map(() => 'settled' as const),
    correctStock: async (corrections) => corrections.map(() => 'corrected' as const),
    ...changes,
  })
}

export interface TestSaga {
  readonly ledger: TestLedger
  /** The ends of holds that all processes sent to Redis. */
  readonly settled: readonly HoldEnd[]
  /** Number of times that the relays were notified of events. */
  wakes(): number
  /** Creates the transitions of one more process. The third decline of a slot is its last. */
  createProcess(changes?: Partial<TransitionOptions>): Transitions
  /** Places an order of two items. */
  placeOne(): Promise<string>
  eventsOf(order: string): Promise<{ type: string; version: number; data: string; event_id: string }[]>
}

/** Creates a ledger, and any number of processes that move its orders. */
export async function createTestSaga(): Promise<TestSaga> {
  const ledger = await createTestLedger()
  const settled: HoldEnd[] = []
  let wakes = 0
  return {
    ledger,
    settled,
    wakes: () => wakes,
    createProcess: (changes) =>
      createTestTransitions(ledger.pool, {
        declinedMax: 3,
        wakeRelay: () => {
          wakes += 1
        },
        endHolds: async (entries) => {
          settled.push(...entries)
          return entries.map(() => 'settled' as const)
        },
        ...changes,
      }),
    placeOne: async () => String((await ledger.place([{ buyer: 'ann', skus: ['bread', 'apple'] }]))[0]),
    eventsOf: async (order) => {
      const { rows } = await ledger.pool.query(
        'select type, version, data, event_id from orders.outbox where key = $1 order by id',
        [order],
      )
      return rows
    },
  }
}
