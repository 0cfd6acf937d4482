import type { Log } from '@floodgate/runtime'
import type { Admin, Kafka } from 'kafkajs'
import { deadLetterTopic } from '../delivery/dead-letter.ts'
import type { LetterStore, StoredLetter } from '../letters/port.ts'
import { type KafkaPublisher, messageOf } from './kafka-publisher.ts'
import { createFold, type Fold, type Mark, markOf } from './letter-topic.ts'
import { received } from './received.ts'
import { createTopicReader, type OffsetRange } from './topic-reader.ts'
import { withAdmin } from './topics.ts'

export interface KafkaLetterStore extends LetterStore {
  close(): Promise<void>
}

/**
 * Stores the dead letters of a group in its topic, by their offsets. Marks behind them record removals and failed
 * replays (see letter-topic.ts); once everything up to an offset is removed, the records are deleted up to there. Each
 * call reads the topic again, so that all processes see the same letters.
 */
export function createKafkaLetterStore(
  { kafka, publisher, log }: { readonly kafka: Kafka; readonly publisher: KafkaPublisher; readonly log: Log },
  group: string,
): KafkaLetterStore {
  const topic = deadLetterTopic(group)
  const readRange = (): Promise<OffsetRange> => withAdmin(kafka, (admin) => rangeOf(admin, topic))
  const reader = createTopicReader(kafka, { topic, lowest: async () => (await readRange()).from })
  let counted: (OffsetRange & { readonly count: number }) | undefined

  async function fold(range: OffsetRange): Promise<Fold> {
    const made = createFold()
    await reader.scan(range, (message) => made.add(Number(message.offset), received(message)))
    return made
  }

  /** Reads the selected letters completely: all of them may not fit into memory. */
  async function readLetters(from: Fold, offsets: readonly number[]): Promise<StoredLetter[]> {
    const letters = new Map<number, StoredLetter>()
    const wanted = new Set(offsets)
    const range = { from: Math.min(...offsets), until: Math.max(...offsets) + 1 }
    if (wanted.size > 0)
      await reader.scan(range, (message) => {
        const offset = Number(message.offset)
        if (!wanted.has(offset)) return
        const { key, headers, value } = received(message)
        letters.set(offset, { id: message.offset, key, value, headers: present(headers), ...from.replaysOf(offset) })
      })
    return offsets.flatMap((offset) => letters.get(offset) ?? [])
  }

  const mark = (content: Mark): Promise<void> => publisher.send([{ topic, messages: [messageOf(markOf(content))] }])

  async function deleteRemoved(lying: readonly number[], end: number): Promise<void> {
    const offset = String(lying[0] ?? end)
    try {
      await withAdmin(kafka, async (admin) => {
        // kafkajs deletes only from a topic that this client has queried before.
        await admin.fetchTopicOffsets(topic)
        await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset }] })
      })
    } catch (error) {
      log.warn({ group, error: String(error) }, 'Removed dead letters not deleted from their topic')
    }
  }

  return {
    async page({ order, limit, after }) {
      if (after !== undefined && !isOffset(after)) return []
      const all = await fold(await readRange())
      const offsets = order === 'oldest' ? all.offsets() : all.offsets().toReversed()
      const isLater = (offset: number) => (order === 'oldest' ? offset > Number(after) : offset < Number(after))
      return readLetters(all, offsets.filter((offset) => after === undefined || isLater(offset)).slice(0, limit))
    },
    async find(ids) {
      const wanted = new Set(ids.filter(isOffset).map(Number))
      if (wanted.size === 0) return []
      const all = await fold(await readRange())
      return readLetters(
        all,
        all.offsets().filter((offset) => wanted.has(offset)),
      )
    },
    async remove(ids) {
      const wanted = new Set(ids.filter(isOffset).map(Number))
      if (wanted.size === 0) return []
      const range = await readRange()
      const lying = (await fold(range)).offsets()
      const removed = lying.filter((offset) => wanted.has(offset)).map(String)
      if (removed.length === 0) return []
      await mark({ removed })
      const left = lying.filter((offset) => !wanted.has(offset))
      if (lying[0] !== left[0]) await deleteRemoved(left, range.until)
      return removed
    },
    async noteFailures(failures) {
      if (failures.length > 0) await mark({ failed: failures })
    },
    async count() {
      const range = await readRange()
      if (counted?.from === range.from && counted.until === range.until) return counted.count
      counted = { ...range, count: (await fold(range)).offsets().length }
      return counted.count
    },
    close: reader.close,
  }
}

async function rangeOf(admin: Admin, topic: string): Promise<OffsetRange> {
  if (!(await admin.listTopics()).includes(topic)) return { from: 0, until: 0 }
  const [only] = await admin.fetchTopicOffsets(topic)
  return { from: Number(only?.low ?? 0), until: Number(only?.high ?? 0) }
}

const isOffset = (id: string): boolean => /^\d{1,15}$/.test(id)

function present(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
