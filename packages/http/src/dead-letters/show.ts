import { type DeadLetter, type DeadLetterSummary, timestamp } from '@floodgate/contracts'
import { maskData, maskText, maskUnreadable } from './mask.ts'

/** A dead letter as the event bus stores it. */
export interface StoredLetter {
  readonly id: string
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly value: string
  readonly replays: number
  readonly replayReason?: string
}

const TEXT_LENGTH_MAX = 4_000
const WORD_LENGTH_MAX = 200
const UNKNOWN_REASON = 'unknown'

/** Summarises a letter for a list. The result is well-formed, whatever the letter's headers contain. */
export function summaryOf(group: string, { id, key, headers, ...letter }: StoredLetter): DeadLetterSummary {
  const partition = Number(headers.dead_partition)
  const deadAt = timestamp.safeParse(headers.dead_at)
  return {
    id,
    group,
    topic: wordOf(headers.dead_topic),
    partition: Number.isSafeInteger(partition) && partition >= 0 ? partition : null,
    key: wordOf(key) ?? '',
    type: wordOf(headers.ce_type),
    event: wordOf(headers.ce_id),
    reason: maskText(headers.dead_reason ?? UNKNOWN_REASON),
    deadAt: deadAt.success ? deadAt.data : null,
    replays: letter.replays,
    replayReason: letter.replayReason === undefined ? null : maskText(letter.replayReason),
  }
}

export function letterOf(group: string, letter: StoredLetter): DeadLetter {
  const headers = Object.fromEntries(Object.entries(letter.headers).map(([name, value]) => [name, maskText(value)]))
  return { ...summaryOf(group, letter), headers, ...contentOf(letter.value) }
}

const wordOf = (text: string | undefined): string | null =>
  text === undefined ? null : maskText(text.slice(0, WORD_LENGTH_MAX))

function contentOf(value: string): Pick<DeadLetter, 'data' | 'text'> {
  try {
    return { data: maskData(JSON.parse(value)), text: null }
  } catch {
    return { data: null, text: maskUnreadable(value.slice(0, TEXT_LENGTH_MAX)) }
  }
}
