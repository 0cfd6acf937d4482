import { createSerialRun } from '@floodgate/async'
import type { Pool } from 'pg'
import type { OutboxSchema } from './write.ts'

/**
 * Notifies the relay's process, wherever it is, of new rows: one `pg_notify` after the commit, never two at once,
 * however many commits there were. Not inside the writer's transaction: a commit that notifies holds a database-wide
 * lock while it flushes the log, so all writers would queue behind each other. If a process dies between its
 * commit and the notification, the relay's poll finds the rows.
 */
export function createNotifier(pool: Pool, schema: OutboxSchema) {
  const channel = `floodgate_outbox_${schema}`
  const notifying = createSerialRun(async () => {
    // The notification was lost with the connection; the poll covers that.
    await pool.query('select pg_notify($1, $2)', [channel, '']).catch(() => undefined)
  })
  return { channel, notify: notifying.run, settled: notifying.settled }
}
