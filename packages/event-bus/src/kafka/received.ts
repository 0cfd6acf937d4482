import type { IHeaders, KafkaMessage } from 'kafkajs'
import type { Received } from '../delivery/deliver.ts'

/** A Kafka message in the adapters' common shape; of a header given several times the first counts. */
export function received({ key, headers, value }: KafkaMessage): Received {
  return { key: key?.toString('utf8') ?? '', headers: stringsOf(headers), value: value?.toString('utf8') ?? '' }
}

/**
 * Whether a message is certainly none that a subscriber asked for. Most messages of a busy topic are not for most of its
 * groups, and are not worth reading further.
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
