import type { Pool } from 'pg'

/** Creates an archive that grants every lock, holds one slot and one page of served places, and stores nothing. */
export function emptyArchive(): Pool {
  const rowsOf = (text: string): readonly object[] => {
    if (text.includes('advisory')) return [{ locked: true }]
    if (text.startsWith('select chunk')) return [{ chunk: 1_000, bits: '0'.repeat(8_192) }]
    if (!text.startsWith('select slot')) return []
    const times = { admitted_ms: 1, deadline_ms: 2, until_ms: 2, order_id: null, order_created_ms: null }
    return [{ slot: 'over', place: 1, buyer: 'nobody', kid: 'kid', ...times }]
  }
  function query(statement: string | { callback(): void }): unknown {
    if (typeof statement === 'string') return Promise.resolve({ rows: rowsOf(statement.trim()) })
    // A `COPY`, which signals its end itself.
    statement.callback()
    return statement
  }
  const client = { query, release() {} }
  return { ...client, connect: () => Promise.resolve(client) } as never
}
