import { expect, it } from 'vitest'
import { judgeTopics, type TopicState } from './topic-findings.ts'
import { creationCommand, TOPIC_SETTINGS_DEFAULT, type TopicSettings, wantedTopics } from './topic-settings.ts'

const settings: TopicSettings = { ...TOPIC_SETTINGS_DEFAULT, replicationFactor: 3, minInsyncReplicas: 2 }
const configsOf = (minInsync: number, cleanup = 'delete') =>
  new Map([
    ['min.insync.replicas', String(minInsync)],
    ['cleanup.policy', cleanup],
  ])
const sound: TopicState = { topic: 'floodgate.orders', partitions: 3, replicas: 3, configs: configsOf(2) }

it('a topic as required is neither refused nor warned of', () => {
  expect(judgeTopics([sound], settings)).toEqual({ problems: [], warnings: [] })
})

it.each<[string, Partial<TopicState>, RegExp]>([
  ['too few partitions', { partitions: 2 }, /has 2 partitions, and KAFKA_PARTITIONS is 3/],
  ['too few replicas', { replicas: 1, configs: configsOf(1) }, /has 1 replica, and KAFKA_REPLICATION_FACTOR is 3/],
  [
    'too few in-sync replicas',
    { configs: configsOf(1) },
    /has min.insync.replicas=1, and KAFKA_MIN_INSYNC_REPLICAS is 2/,
  ],
  ['more in-sync replicas than replicas', { configs: configsOf(4) }, /no event could ever be published/],
  ['compaction', { configs: configsOf(2, 'compact') }, /deletes all but the last event/],
  ['compaction besides deletion', { configs: configsOf(2, 'compact,delete') }, /deletes all but the last event/],
])('%s is refused', (_, wrong, words) => {
  expect(judgeTopics([{ ...sound, ...wrong }], settings).problems).toContainEqual(expect.stringMatching(words))
})

it('everything that is wrong is reported at once', () => {
  const states = [
    { ...sound, partitions: 1, replicas: 1 },
    { ...sound, topic: 'floodgate.sales', partitions: 2 },
  ]
  expect(judgeTopics(states, settings).problems).toHaveLength(4)
})

it.each<[string, Partial<TopicState>, RegExp]>([
  ['partitions that are not used', { partitions: 12 }, /has 12 partitions, of which KAFKA_PARTITIONS uses 3/],
  ['a topic that any dead broker stops', { configs: configsOf(3) }, /stops while any broker is down/],
  ['settings that cannot be read', { configs: undefined }, /lacks DESCRIBE_CONFIGS/],
])('%s is a warning', (_, risky, words) => {
  const { problems, warnings } = judgeTopics([{ ...sound, ...risky }], settings)
  expect(problems).toEqual([])
  expect(warnings).toEqual([expect.stringMatching(words)])
})

it('an event on one in-sync replica of several is a warning', () => {
  const { problems, warnings } = judgeTopics([{ ...sound, configs: configsOf(1) }], TOPIC_SETTINGS_DEFAULT)
  expect(problems).toEqual([])
  expect(warnings).toEqual([expect.stringMatching(/may take the last events with it/)])
})

it('a single broker needs no replicas, and its dead letters one partition', () => {
  const alone = { ...sound, replicas: 1, configs: configsOf(1) }
  const letters = { ...alone, topic: 'floodgate.dead.a.group', partitions: 1, configs: configsOf(1, 'compact') }
  expect(judgeTopics([alone, letters], TOPIC_SETTINGS_DEFAULT)).toEqual({ problems: [], warnings: [] })
})

it('the command creates a topic as required', () => {
  const letters = wantedTopics(settings, ['a.group']).at(-1)
  if (letters === undefined) throw new Error('No topic.')
  expect(creationCommand(letters, settings, ['a:1', 'b:2'])).toBe(
    'kafka-topics.sh --bootstrap-server a:1,b:2 --create --topic floodgate.dead.a.group --partitions 1 --replication-factor 3 --config cleanup.policy=delete --config retention.ms=-1 --config retention.bytes=-1 --config max.message.bytes=2097152 --config min.insync.replicas=2',
  )
})
