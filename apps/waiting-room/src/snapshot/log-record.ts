import type { LogEntry } from '@floodgate/contracts'

/** One entry of a line's stream, including internal fields: the buyer it is about. */
export interface LogRecord {
  readonly id: string
  readonly atMs: number
  readonly kind: LogEntry['kind']
  readonly place: number | undefined
  readonly count: number | undefined
  readonly slot: string | undefined
  readonly buyer: string | undefined
  readonly act: string | undefined
  readonly reason: string | undefined
  readonly deadlineMs: number | undefined
  readonly kid: string | undefined
  /** In `extended`: the order that moved the slot's deadline, and when it was created. */
  readonly order: string | undefined
  readonly createdMs: number | undefined
  /** In `forfeited`: the lost places. */
  readonly places: readonly number[] | undefined
  /** The fields as stored in the stream. */
  readonly body: Readonly<Record<string, string>>
}

const numberOf = (value: unknown): number | undefined => (value === undefined ? undefined : Number(value))

const recordOf = (id: string, body: Readonly<Record<string, string>>): LogRecord => ({
  id,
  atMs: Number(body.at),
  kind: body.kind as LogEntry['kind'],
  place: numberOf(body.place),
  count: numberOf(body.count),
  slot: body.slot,
  buyer: body.buyer,
  act: body.act,
  reason: body.reason,
  deadlineMs: numberOf(body.deadline),
  kid: body.kid,
  order: body.order,
  createdMs: numberOf(body.created),
  places: body.places?.split(' ').map(Number),
  body,
})

export function parseLogRecord(id: string, flat: readonly string[]): LogRecord {
  const body: Record<string, string> = {}
  for (let at = 0; at + 1 < flat.length; at += 2) body[flat[at] ?? ''] = flat[at + 1] ?? ''
  return recordOf(id, body)
}

/** Parses an entry of the archive, whose body is the stream's fields unchanged. */
export function archivedLogRecord(id: string, body: Readonly<Record<string, string>>): LogRecord {
  return recordOf(id, body)
}

/** Returns the operator's view of an entry. */
export function logEntryOf({ id, atMs, kind, place, count, slot, act, reason }: LogRecord): LogEntry {
  return {
    id,
    at: new Date(atMs).toISOString(),
    kind,
    ...(place === undefined ? {} : { place }),
    ...(slot === undefined ? {} : { slot }),
    ...(count === undefined ? {} : { count }),
    ...(act === undefined ? {} : { act }),
    ...(reason === undefined ? {} : { reason }),
  }
}

/** Compares stream ids, `<ms>-<seq>`, which do not sort as text. */
export function compareLogIds(one: string, other: string): number {
  const [oneMs = 0, oneSeq = 0] = one.split('-').map(Number)
  const [otherMs = 0, otherSeq = 0] = other.split('-').map(Number)
  return oneMs - otherMs || oneSeq - otherSeq
}
