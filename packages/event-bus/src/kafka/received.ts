import type { IHeaders, KafkaMessage } from 'kafkajs'
import type { Received } from '../delivery/deliver.ts'

/** Converts a Kafka message to the adapters' common shape; of a repeated header the first counts. */
export function received({ key, headers, value }: KafkaMessage): Received {
  return { key: key?.toString('utf8') ?? '', headers: stringsOf(headers), value: value?.toString('utf8') ?? '' }
}

/**
 * Tells whether a subscriber certainly did not ask for a message. Most messages of a busy topic are not for most of its
 * groups, so their values need not be decoded.
 */
export function isUnwanted({ headers }: KafkaMessage, types: ReadonlySet<string> | undefined): boolean {
  const type = stringOf(headers?.ce_type)
  return types !== undefined && type !== undefined && !types.has(type)
}

function stringsOf(headers: IHeaders | undefined): Record<string, string | undefined> {
  const strings: Record<string, string | undefined> = {}
  for (const name in headers) strings[name] = stringOf(headers[name])
  return strings
}

const stringOf = (value: IHeaders[string]): string | undefined => (Array.isArray(value) ? value[0] : value)?.toString()
