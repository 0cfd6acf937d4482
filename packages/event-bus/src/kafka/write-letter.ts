import type { Log } from '@floodgate/runtime'
import { deadLetterTopic } from '../delivery/dead-letter.ts'
import { CUT_HEADER, type DeadLetter } from '../delivery/letter.ts'
import { type KafkaPublisher, messageOf } from './kafka-publisher.ts'

const TOO_LARGE: ReadonlySet<unknown> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])
const VALUE_LENGTH_MAX = 8_000
const KEY_LENGTH_MAX = 200
const HEADER_LENGTH_MAX = 500
const HEADERS_MAX = 20
/** Headers that identify the event and state why it was set aside. */
const KEPT_HEADER = /^(?:ce|dead)_/

export interface LetterWriterOptions {
  readonly publisher: KafkaPublisher
  readonly group: string
  readonly log: Log
}

/**
 * Writes a group's dead letters into its topic. A letter is larger than its record; one that the topic rejects is cut
 * and marked as such, since the rejection is permanent and the letter would block its partition.
 */
export function createLetterWriter({ publisher, group, log }: LetterWriterOptions) {
  const topic = deadLetterTopic(group)
  const send = (letter: DeadLetter): Promise<void> => publisher.send([{ topic, messages: [messageOf(letter)] }])
  return async function writeLetter(letter: DeadLetter): Promise<void> {
    try {
      await send(letter)
    } catch (error) {
      if (!isTooLarge(error)) throw error
      await send(cut(letter))
      log.warn({ group, event: letter.headers.ce_id, bytes: Buffer.byteLength(letter.value) }, 'dead letter cut')
    }
  }
}

function isTooLarge(error: unknown): boolean {
  for (let each = error, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth += 1)
    if (TOO_LARGE.has((each as Error & { type?: unknown }).type)) return true
  return false
}

/** Cuts a letter to a few kilobytes, whichever part of the record was large. */
function cut({ key, headers, value }: DeadLetter): DeadLetter {
  // The bus' own headers come last.
  const kept = Object.entries(headers)
    .filter(([name]) => KEPT_HEADER.test(name) && name.length <= KEY_LENGTH_MAX)
    .slice(-HEADERS_MAX)
    .map(([name, text]) => [name, text.slice(0, HEADER_LENGTH_MAX)] as const)
  return {
    key: key.slice(0, KEY_LENGTH_MAX),
    value: value.slice(0, VALUE_LENGTH_MAX),
    headers: { ...Object.fromEntries(kept), [CUT_HEADER]: String(Buffer.byteLength(value)) },
  }
}
