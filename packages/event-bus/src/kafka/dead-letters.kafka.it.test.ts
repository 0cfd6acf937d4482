import { eventually, type Own, ownKafka } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import kafkajs, { type Kafka } from 'kafkajs'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { createSamples } from '../conformance/sample-events.ts'
import { deadLetterTopic } from '../delivery/dead-letter.ts'
import type { EventBus, SubscribeOptions } from '../port.ts'
import { createKafkaBus } from './kafka-bus.ts'
import { createKafkaClient } from './kafka-client.ts'
import { createKafkaPublisher } from './kafka-publisher.ts'
import { TOPIC_SETTINGS_DEFAULT } from './topic-settings.ts'
import { withAdmin } from './topics.ts'

/** The default of a broker. */
const REBALANCE_DELAY_MS = 3_000
const MESSAGE_BYTES_MAX = 1_048_588
const BATCH_OVERHEAD_BYTES = 120
const TEST_MS_MAX = 60_000

let server: Own<Awaited<ReturnType<typeof ownKafka>>>
let kafka: Kafka
const buses: EventBus[] = []
beforeAll(async () => {
  server = await ownKafka({ rebalanceDelayMs: REBALANCE_DELAY_MS })
  kafka = createKafkaClient({ brokers: [server.url], clientId: 'test', log: silentLogger })
})
afterEach(async () => {
  await Promise.all(buses.splice(0).map((bus) => bus.close()))
})
afterAll(() => server?.remove())

async function consume(group: string, handle: SubscribeOptions['handle']) {
  const warned: { message: string; command?: string }[] = []
  const log = { ...silentLogger, warn: (fields: object, message: string) => void warned.push({ ...fields, message }) }
  const onFatal = (error: Error) => {
    throw error
  }
  const bus = createKafkaBus({ kind: 'kafka', brokers: [server.url], clientId: 'test', log, onFatal })
  buses.push(bus)
  const dead: unknown[] = []
  const onDeadLetter = (letter: unknown) => void dead.push(letter)
  await bus.subscribe({ group, topics: ['floodgate.sales'], attemptsMax: 1, handle, onDeadLetter })
  return {
    bus,
    letters: bus.deadLetters(group),
    warned,
    untilDead: () => eventually(() => expect(dead).toHaveLength(1)),
  }
}

it('a replay in a process that has read no letters yet is handled at once, although joining takes seconds', {
  timeout: TEST_MS_MAX,
}, async () => {
  const samples = createSamples()
  let isBroken = true
  const { bus, letters, untilDead } = await consume(`cold.${samples.group}`, async () => {
    if (isBroken) throw new Error('broken')
  })
  await bus.publish(samples.events(['a'], 1))
  await untilDead()
  isBroken = false
  const beganAtMs = performance.now()
  expect(await letters.replay(['0'])).toEqual([{ id: '0', kind: 'handled' }])
  expect(performance.now() - beganAtMs).toBeGreaterThan(REBALANCE_DELAY_MS / 2)
})

it('a record near the limit is set aside, complete or cut, and the records behind it continue', {
  timeout: TEST_MS_MAX,
}, async () => {
  const samples = createSamples()
  const groups = { whole: `whole.${samples.group}`, cut: `cut.${samples.group}` }
  // An earlier version, or an operator, may have created it like this.
  const compacted = [{ name: 'cleanup.policy', value: 'compact' }]
  const topic = deadLetterTopic(groups.cut)
  await withAdmin(kafka, (admin) =>
    admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1, configEntries: compacted }] }),
  )
  const handled: string[] = []
  const handle: SubscribeOptions['handle'] = async (batch) => void handled.push(...batch.map(({ id }) => id))
  const [whole, cut] = await Promise.all([consume(groups.whole, handle), consume(groups.cut, handle)])

  const value = 'x'.repeat(MESSAGE_BYTES_MAX - BATCH_OVERHEAD_BYTES)
  const publisher = createKafkaPublisher(kafka, TOPIC_SETTINGS_DEFAULT)
  await publisher.send([{ topic: 'floodgate.sales', messages: [{ key: 'behind', headers: { ce_id: 'near' }, value }] }])
  await publisher.close()
  await whole.bus.publish(samples.events(['behind'], 1))
  await Promise.all([whole.untilDead(), cut.untilDead()])
  await eventually(() => expect(handled.filter((id) => id === 'behind#1')).toHaveLength(2))

  const [kept] = (await whole.letters.list({ order: 'oldest', limit: 1 })).letters
  expect(kept?.value.length).toBe(value.length)
  expect(kept?.headers).not.toHaveProperty('dead_cut')
  const [letter] = (await cut.letters.list({ order: 'oldest', limit: 1 })).letters
  expect(letter).toMatchObject({
    key: 'behind',
    headers: { ce_id: 'near', dead_cut: String(value.length), dead_group: groups.cut },
  })
  expect(letter?.value.length).toBeLessThan(10_000)
  expect(await cut.letters.replay(['0'])).toMatchObject([{ kind: 'failed', reason: expect.stringContaining('cut') }])
  expect(await cut.letters.drop(['0'])).toEqual(['0'])
})

it('a topic with another policy is named at the start, with the command that fixes it', {
  timeout: TEST_MS_MAX,
}, async () => {
  const { group } = createSamples()
  const topic = deadLetterTopic(`other.${group}`)
  const configEntries = [
    { name: 'cleanup.policy', value: 'compact' },
    { name: 'retention.bytes', value: '1000000' },
  ]
  await withAdmin(kafka, (admin) =>
    admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1, configEntries }] }),
  )
  const noop = async () => undefined
  const [other, created] = await Promise.all([consume(`other.${group}`, noop), consume(`new.${group}`, noop)])
  const commands = (warned: typeof other.warned) => warned.flatMap(({ command }) => command ?? [])
  const changes = 'cleanup.policy=delete,retention.ms=-1,retention.bytes=-1,max.message.bytes=2097152'
  await eventually(() =>
    expect(commands(other.warned)).toEqual([
      `kafka-configs.sh --bootstrap-server ${server.url} --alter --topic ${topic} --add-config ${changes}`,
    ]),
  )
  expect(commands(created.warned)).toEqual([])
  const { resources } = await withAdmin(kafka, (admin) =>
    admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: deadLetterTopic(`new.${group}`) }],
    }),
  )
  const actual = resources[0]?.configEntries.map(({ configName, configValue }) => `${configName}=${configValue}`)
  expect(actual).toEqual(expect.arrayContaining(changes.split(',')))
})
