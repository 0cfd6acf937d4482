import type { IHeaders, KafkaMessage } from 'kafkajs'
import type { Received } from '../delivery/deliver.ts'

/** A Kafka message in the adapters' common shape; of a header given several times the first counts. */
export function received({ key, headers, value }: KafkaMessage): Received {
  return { key: key?.toString('utf8') ?? '', headers: stringsOf(headers), value: value?.toString('utf8') ?? '' }
}

function stringsOf(headers: IHeaders | undefined): Record<string, string | undefined> {
  const first = Object.entries(headers ?? {}).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value])
  return Object.fromEntries(first.map(([name, value]) => [String(name), value?.toString()]))
}
