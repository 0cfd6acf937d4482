import { randomUUID } from 'node:crypto'
import { eventually, testServerAddress } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import type { Kafka } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { deadLetterTopic } from '../delivery/dead-letter.ts'
import { createKafkaClient } from './kafka-client.ts'
import { createKafkaPublisher, type KafkaPublisher } from './kafka-publisher.ts'
import { createKafkaLetterStore } from './letter-store.ts'
import { TOPIC_SETTINGS_DEFAULT } from './topic-settings.ts'
import { ensureTopics, withAdmin } from './topics.ts'

const LETTERS = 2_000
let kafka: Kafka
let publisher: KafkaPublisher
beforeAll(() => {
  kafka = createKafkaClient({ brokers: [testServerAddress('kafka')], clientId: 'test', log: silentLogger })
  publisher = createKafkaPublisher(kafka, TOPIC_SETTINGS_DEFAULT)
})
afterAll(() => publisher.close())

async function createStore() {
  const group = `letters.${randomUUID()}`
  const options = { kafka, brokers: [], settings: TOPIC_SETTINGS_DEFAULT, onWarning: () => undefined }
  await eventually(() => ensureTopics(options, [group]))
  const topic = deadLetterTopic(group)
  const store = createKafkaLetterStore({ kafka, publisher, log: silentLogger }, group)
  // The broker may not lead a new topic at once.
  await eventually(async () => expect(await store.count()).toBe(0))
  const write = (messages: readonly { key: string; headers?: Record<string, string>; value: string | null }[]) =>
    publisher.send([{ topic, messages: [...messages] }])
  const firstOffset = async () =>
    Number((await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic)))[0]?.low ?? -1)
  return { store, write, firstOffset }
}
const letter = (key: string) => ({ key, headers: { ce_id: key, dead_group: 'g', dead_reason: 'broken' }, value: '{}' })

it('reads letters of earlier versions and foreign records; only the bus can mark them as removed', async () => {
  const { store, write, firstOffset } = await createStore()
  expect(await store.page({ order: 'oldest', limit: 10 })).toEqual([])
  const forged = { ...letter('c'), headers: { ...letter('c').headers, dead_mark: 'v1' }, value: '{"removed":["0"]}' }
  await write([letter('a'), { key: 'b', value: null }, forged])
  await write([{ key: 'x', headers: { dead_mark: 'v1' }, value: 'not JSON' }])
  const all = await store.page({ order: 'oldest', limit: 10 })
  expect(all.map(({ id, key }) => `${id} ${key}`)).toEqual(['0 a', '1 b', '2 c'])
  expect(all[0]).toEqual({ ...letter('a'), id: '0', replays: 0 })

  await store.noteFailures([{ id: '0', reason: 'still broken' }])
  await store.noteFailures([{ id: '0', reason: 'broken again' }])
  expect(await store.find(['0', '7', '1-0'])).toMatchObject([{ id: '0', replays: 2, replayReason: 'broken again' }])
  expect(await store.remove(['1'])).toEqual(['1'])
  expect(await firstOffset()).toBe(0)
  expect(await store.remove(['1', '0'])).toEqual(['0'])
  expect(await firstOffset()).toBe(2)
  expect(await store.count()).toBe(1)
  expect(await store.remove(['2'])).toEqual(['2'])
  expect(await store.count()).toBe(0)
  await write([letter('d')])
  expect(await store.page({ order: 'newest', limit: 10 })).toMatchObject([{ key: 'd', replays: 0 }])
  await store.close()
})

it('pages through thousands, and survives two removals at once', async () => {
  const { store, write } = await createStore()
  for (let from = 0; from < LETTERS; from += 500)
    await write(
      Array.from({ length: 500 }, (_, index) => ({ ...letter(`k${from + index}`), value: 'x'.repeat(1_000) })),
    )
  const seen: string[] = []
  for (let after: string | undefined; ; ) {
    const page = await store.page({ order: 'oldest', limit: 500, after })
    if (page.length === 0) break
    seen.push(...page.map(({ key }) => key))
    after = page.at(-1)?.id
  }
  expect(seen).toEqual(Array.from({ length: LETTERS }, (_, index) => `k${index}`))
  const ids = seen.map((_, index) => String(index))
  const [one, two] = await Promise.all([store.remove(ids.slice(0, 100)), store.remove(ids.slice(50, 150))])
  expect(new Set([...one, ...two])).toEqual(new Set(ids.slice(0, 150)))
  expect(await store.count()).toBe(LETTERS - 150)
  await store.close()
})
