import { type EventDataOf, type EventType, eventDefinition, isStorableText } from '@floodgate/contracts'

/** A new event, as known to the transaction that causes it. */
export type NewEvent = {
  readonly [Type in EventType]: {
    readonly type: Type
    /** The aggregate's version after this event. */
    readonly version: number
    readonly data: EventDataOf<Type>
    readonly traceparent?: string | null | undefined
  }
}[EventType]

/** One row of an outbox table, as inserted. */
export interface OutboxRow {
  readonly type: EventType
  /** The aggregate's id: events of one key are published in the order of their rows. */
  readonly key: string
  readonly version: number
  /** JSON. */
  readonly data: string
  readonly traceparent: string | null
}

/** An event that breaks its own contract: a fault in the code that created it, never in a buyer's request. */
export class InvalidEvent extends Error {
  static readonly code = 'invalid-event'
  readonly code = InvalidEvent.code
}

/**
 * Converts an event to its outbox row. Throws `InvalidEvent` when its data breaks the event's contract: that fails the
 * work that caused it, instead of leaving a malformed row in the table.
 */
export function outboxRow(event: NewEvent): OutboxRow {
  const { type, version } = event
  const definition = eventDefinition(type)
  if (definition === undefined) throw new InvalidEvent(`no event ${type} exists`)
  if (!Number.isSafeInteger(version) || version < 1) throw new InvalidEvent(`${type}: ${version} is not a version`)
  const parsed = definition.data.safeParse(event.data)
  if (!parsed.success) throw new InvalidEvent(`${type}: ${parsed.error.message}`, { cause: parsed.error })
  const data = JSON.stringify(parsed.data)
  // JSON escapes NUL and unpaired surrogates, so the column accepts them; a consumer that parses it could not store
  // them.
  const traceparent = event.traceparent ?? null
  if (traceparent !== null && !isStorableText(traceparent))
    throw new InvalidEvent(`${type}: the traceparent is not text`)
  return { type, key: keyOf(definition, parsed.data), version, data, traceparent }
}

type Definition = NonNullable<ReturnType<typeof eventDefinition>>

/** The union of all definitions hides which data one of them accepts; this data was parsed by this definition. */
function keyOf(definition: Definition, data: unknown): string {
  return (definition.key as (data: unknown) => string)(data)
}
