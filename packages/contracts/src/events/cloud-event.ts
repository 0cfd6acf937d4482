import { eventDefinition, type FloodgateEvent } from './catalogue.ts'
import type { Topic } from './define-event.ts'

/** An event on the wire: CloudEvents 1.0 in binary mode (Kafka protocol binding): `ce_*` headers and a JSON value. */
export interface EncodedEvent {
  readonly topic: Topic
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly value: string
}

export type DecodedEvent =
  | { readonly kind: 'event'; readonly event: FloodgateEvent }
  | { readonly kind: 'poison'; readonly reason: string }

/**
 * Encodes an event for the bus. Throws when the data breaks its own schema, so that nothing malformed is ever
 * published.
 */
export function encodeEvent(event: FloodgateEvent): EncodedEvent {
  const definition = eventDefinition(event.type)
  if (definition === undefined) throw new TypeError(`unknown event type ${event.type}`)
  const data = definition.data.parse(event.data)
  return {
    topic: definition.topic,
    key: (definition.key as (data: unknown) => string)(data),
    headers: {
      ce_specversion: '1.0',
      ce_id: event.id,
      ce_type: event.type,
      ce_source: event.source,
      ce_time: event.time,
      ce_subject: (definition.key as (data: unknown) => string)(data),
      ce_aggregateversion: String(event.aggregateVersion),
      'content-type': 'application/json',
      ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
    },
    value: JSON.stringify(data),
  }
}

/** Decodes an event from the wire. Never throws: an event that cannot be decoded is `poison` with the reason. */
export function decodeEvent(message: {
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly value: string
}): DecodedEvent {
  const { ce_type: type, ce_id: id, ce_source: source, ce_time: time } = message.headers
  const version = Number(message.headers.ce_aggregateversion)
  if (!type || !id || !source || !time) return { kind: 'poison', reason: 'a CloudEvents header is missing' }
  if (!Number.isSafeInteger(version) || version < 1)
    return { kind: 'poison', reason: 'ce_aggregateversion is not a version' }
  const definition = eventDefinition(type)
  if (definition === undefined) return { kind: 'poison', reason: `unknown event type ${type}` }
  let value: unknown
  try {
    value = JSON.parse(message.value)
  } catch {
    return { kind: 'poison', reason: 'the value is not JSON' }
  }
  const parsed = definition.data.safeParse(value)
  if (!parsed.success)
    return { kind: 'poison', reason: `the data breaks ${type}: ${parsed.error.message}`.slice(0, 500) }
  const { traceparent } = message.headers
  const event = {
    type,
    id,
    source,
    time,
    aggregateVersion: version,
    data: parsed.data,
    ...(traceparent ? { traceparent } : {}),
  }
  return { kind: 'event', event: event as FloodgateEvent }
}
