import type { ClientBase } from 'pg'
import { type NewEvent, type OutboxRow, outboxRow } from './new-event.ts'

/** The apps that publish, by their Postgres schema. */
export type OutboxSchema = 'rooms' | 'orders' | 'payments'

/** The columns a writer fills, in the order of `outboxArrays` and `outboxUnnest`. */
export const outboxColumns = 'type, key, version, data, traceparent'

export type OutboxArrays = [string[], string[], number[], string[], (string | null)[]]

/** Converts rows to five parallel arrays: the parameters of `outboxUnnest`. */
export function outboxArrays(rows: readonly OutboxRow[]): OutboxArrays {
  return [
    rows.map((row) => row.type),
    rows.map((row) => row.key),
    rows.map((row) => row.version),
    rows.map((row) => row.data),
    rows.map((row) => row.traceparent),
  ]
}

/**
 * Returns the `from` item with which a larger statement reads `outboxArrays`, from parameter `first` on; `position` is
 * the row's place in the arrays. Join it to the `returning` of the update that locked the aggregates, and `order by
 * position`: ids are drawn in that order, which orders the events of a key.
 */
export function outboxUnnest(first: number): string {
  const types = ['text[]', 'text[]', 'integer[]', 'text[]', 'text[]']
  const parameters = types.map((type, index) => `$${first + index}::${type}`)
  return `unnest(${parameters.join(', ')}) with ordinality as event (${outboxColumns}, position)`
}

/**
 * Inserts events in the caller's transaction, in one statement. Insert them after the update that locked their
 * aggregates; after the commit, call the relay's `wake()`.
 */
export async function insertOutbox(
  client: Pick<ClientBase, 'query'>,
  schema: OutboxSchema,
  events: readonly NewEvent[],
): Promise<void> {
  if (events.length === 0) return
  await client.query({
    name: `outbox-insert-${schema}`,
    text: `insert into ${schema}.outbox (${outboxColumns})
     select ${outboxColumns} from ${outboxUnnest(1)} order by position`,
    values: outboxArrays(events.map(outboxRow)),
  })
}
