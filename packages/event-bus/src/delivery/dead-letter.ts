import type { EventType, Topic } from '@floodgate/contracts'
import { eventDefinition } from '@floodgate/contracts'
import type { DeadLetterNotice } from '../port.ts'
import type { Received } from './deliver.ts'
import type { DeadLetter } from './letter.ts'

export function deadLetterTopic(group: string): string {
  return `floodgate.dead.${group}`
}

interface Circumstances {
  readonly group: string
  readonly topic: Topic
  readonly partition: number
  readonly reason: string
  readonly at: Date
}

/**
 * Adds the bus' own `dead_*` headers to the message; the rest stays unchanged, so that it can be replayed. The sender
 * cannot set these headers.
 */
export function deadLetterOf(message: Received, circumstances: Circumstances): DeadLetter {
  const headers = Object.entries(message.headers).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('dead_'),
  )
  return {
    key: message.key,
    value: message.value,
    headers: {
      ...Object.fromEntries(headers),
      dead_reason: circumstances.reason,
      dead_group: circumstances.group,
      dead_topic: circumstances.topic,
      dead_partition: String(circumstances.partition),
      dead_at: circumstances.at.toISOString(),
    },
  }
}

/** Builds the notice about a dead letter. An undeclared type becomes `unknown`, so that it can be a metric's label. */
export function noticeOf(message: Received, { group, topic, reason }: Circumstances): DeadLetterNotice {
  const type = message.headers.ce_type
  const known = type !== undefined && eventDefinition(type) !== undefined
  return { group, topic, reason, type: known ? (type as EventType) : 'unknown' }
}
