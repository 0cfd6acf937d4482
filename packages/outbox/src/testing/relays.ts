import { createTestDatabase } from '@floodgate/testkit'
import type { Pool } from 'pg'
import { createRelay, type Relay } from '../relay.ts'
import type { RelayOptions } from '../relay-options.ts'
import { createRecordingLog } from './recording-bus.ts'

export interface TestRelays {
  readonly databaseUrl: string
  readonly pool: Pool
  /** The log of all relays. */
  readonly log: ReturnType<typeof createRecordingLog>
  /** Starts one more relay, as if in another process. */
  relayTo(bus: RelayOptions['bus'], options?: Partial<RelayOptions>): Relay
  /** Counts unsent events. */
  waiting(): Promise<number>
  remove(): Promise<void>
}

/** Creates an outbox of the payment worker in its own database, and any number of relays. */
export async function createTestRelays(): Promise<TestRelays> {
  const database = await createTestDatabase({ connectionsMax: 6 })
  const { pool } = database
  const log = createRecordingLog()
  const started = new Set<Relay>()
  return {
    databaseUrl: database.url,
    pool,
    log,
    relayTo(bus, options = {}) {
      const own = { schema: 'payments', source: '/floodgate/payment-worker', pollMs: 20, ...options } as const
      const relay = createRelay({ pool, databaseUrl: database.url, bus, log, ...own })
      started.add(relay)
      relay.start()
      return relay
    },
    async waiting() {
      const { rows } = await pool.query('select count(*)::int as n from payments.outbox where sent_at is null')
      return rows[0].n
    },
    async remove() {
      await Promise.all([...started].map((relay) => relay.stop()))
      await database.remove()
    },
  }
}
