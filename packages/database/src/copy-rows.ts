import type { Connection, PoolClient, Submittable } from 'pg'

/** The connection's interface for `COPY`, which the driver's types lack. */
interface CopyConnection extends Connection {
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

/**
 * Appends rows by `COPY`, about half the work of an `INSERT` for Postgres. A row that violates a constraint fails all
 * of them: `COPY` has no `ON CONFLICT`. The target is a table with its columns, trusted text; a row has their values,
 * separated by tabs.
 */
export async function copyRows(client: PoolClient, target: string, rows: readonly string[]): Promise<void> {
  if (rows.length === 0) return
  const data = Buffer.from(`${rows.join('\n')}\n`)
  await new Promise<void>((resolve, reject) => {
    client.query(new CopyQuery(`copy ${target} from stdin`, data, (error) => (error ? reject(error) : resolve())))
  })
}

const SPECIAL = /[\\\b\f\n\r\t\v]/
const SPECIALS = /[\\\b\f\n\r\t\v]/g
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

/** Escapes a value for `copyRows`, whatever its characters. Pure. */
export function copyValue(value: string): string {
  return SPECIAL.test(value) ? value.replace(SPECIALS, (special) => ESCAPES[special] ?? special) : value
}

/** One `COPY` with all its data in memory, in the driver's interface of a query. */
class CopyQuery implements Submittable {
  readonly #text: string
  readonly #data: Buffer
  /** The driver replaces it to enforce the query's time-out. */
  callback: (error?: unknown) => void

  constructor(text: string, data: Buffer, callback: (error?: unknown) => void) {
    this.#text = text
    this.#data = data
    this.callback = callback
  }

  submit(connection: Connection): void {
    connection.query(this.#text)
  }

  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(this.#data)
    connection.endCopyFrom()
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.callback()
  }

  handleError(error: unknown): void {
    this.callback(error)
  }
}
