import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { topics } from '@floodgate/contracts'
import { runChecks } from '@floodgate/runtime'
import { eventually, KAFKA_GUEST, testServerAddress } from '@floodgate/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { busChecks } from '../bus-checks.ts'
import { idOf, upTo, versionsOf } from '../conformance/ids.ts'
import { createSamples } from '../conformance/sample-events.ts'
import { type Environment, startSecureKafka } from './testing/secure-kafka.ts'

const REFUSED_MS_MAX = 60_000

let kafka: Awaited<ReturnType<typeof startSecureKafka>>
beforeAll(async () => {
  kafka = await startSecureKafka()
})
afterEach(() => kafka?.closeBuses())
afterAll(() => kafka?.server.remove())

describe('a connection', () => {
  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])('over TLS authenticates by %s', async (mechanism) => {
    const { bus } = kafka.openBus({ KAFKA_SASL: mechanism })
    await bus.publish(createSamples().events(['a'], 1))
    expect(bus.health().ready).toBe(true)
  })

  it('may show a client certificate', async () => {
    const { certificateFile, keyFile } = kafka.server.security.client
    const { bus } = kafka.openBus({ KAFKA_CERT_FILE: certificateFile, KAFKA_KEY_FILE: keyFile })
    await bus.publish(createSamples().events(['a'], 1))
  })

  it('that the broker or its certificate rejects is retried, and the reason is in the health', async () => {
    const [password, authority, plainText] = [
      kafka.openBus({ KAFKA_PASSWORD: 'wrong-password' }),
      kafka.openBus({ KAFKA_CA_FILE: kafka.server.security.client.certificateFile }),
      kafka.openBus({ KAFKA_TLS: 'false', KAFKA_CA_FILE: '' }),
    ]
    const detailOf = ({ bus }: ReturnType<typeof kafka.openBus>) => bus.health().detail
    await eventually(
      () => {
        expect(detailOf(password)).toMatch(/authentication/i)
        expect(detailOf(authority)).toMatch(/certificate/i)
        expect(detailOf(plainText)).not.toMatch(/not connected yet/)
      },
      { timeoutMs: REFUSED_MS_MAX },
    )
    expect(detailOf(password)).not.toContain('wrong-password')
  })
})

describe('topics', () => {
  const forGuest = { KAFKA_USERNAME: KAFKA_GUEST.username, KAFKA_PASSWORD: KAFKA_GUEST.password }

  it('that a user may neither see nor create are refused, with the commands that create them', async () => {
    const problems = await kafka.refusalOf(forGuest)
    expect(problems).toHaveLength(topics.length)
    expect(problems[0]).toBe(
      'This user may not see floodgate.sales (ACL DESCRIBE), and this user may not create it (ACL CREATE).',
    )
  })

  it('that are missing are refused with the commands that create them, where the app may not create any', async () => {
    await kafka.asAdmin(async (admin) => {
      const existing = (await admin.listTopics()).filter((topic) => topic.startsWith('floodgate.'))
      if (existing.length > 0) await admin.deleteTopics({ topics: existing })
    })
    const problems = await kafka.refusalOf({ KAFKA_CREATE_TOPICS: 'false', KAFKA_REPLICATION_FACTOR: '3' }, [
      'a.one',
      'a.two',
    ])
    expect(problems).toHaveLength(topics.length + 2)
    expect(problems.at(-1)).toMatch(
      /^floodgate.dead.a.two does not exist. Create it: .*--partitions 1 .*retention.ms=-1/,
    )
    expect(problems[0]).toMatch(
      /^floodgate.sales does not exist. Create it: kafka-topics.sh .* --partitions 3 --replication-factor 3$/,
    )
  })

  it('are refused when they are smaller than the settings, all reasons at once', async () => {
    await kafka.openBus().bus.publish(createSamples().events(['a'], 1))
    const problems = await kafka.refusalOf({ KAFKA_PARTITIONS: '5', KAFKA_REPLICATION_FACTOR: '2' })
    expect(problems).toHaveLength(2 * topics.length)
    expect(problems).toContain('floodgate.orders has 3 partitions, and KAFKA_PARTITIONS is 5.')
    expect(problems).toContain('floodgate.orders has 1 replica, and KAFKA_REPLICATION_FACTOR is 2.')
  })

  it('that the brokers do not create are named with the reason, until they do', async () => {
    const { bus } = kafka.openBus({ KAFKA_REPLICATION_FACTOR: '2' }, ['never.there'])
    await eventually(() => expect(bus.health().detail).toMatch(/floodgate\.dead\.never\.there: .*replication/i))
  })

  it('are refused when no event could be published, or older ones would be deleted', async () => {
    await kafka.openBus().bus.publish(createSamples().events(['a'], 1))
    await kafka.setConfig('floodgate.payments', 'min.insync.replicas', '2')
    await kafka.setConfig('floodgate.admissions', 'cleanup.policy', 'compact')
    try {
      const problems = await kafka.refusalOf({})
      expect(problems).toHaveLength(2)
      expect(problems.join()).toMatch(/floodgate.payments has 1 replica and min.insync.replicas=2: no event/)
      expect(problems.join()).toMatch(/floodgate.admissions has cleanup.policy=compact/)
    } finally {
      await kafka.setConfig('floodgate.payments', 'min.insync.replicas', '1')
      await kafka.setConfig('floodgate.admissions', 'cleanup.policy', 'delete')
    }
  })

  it('suffice with the rights of docs/deploy/kafka.md, without the right to create any', async () => {
    const { group, events, isOurs } = createSamples()
    await kafka.openBus().bus.publish(createSamples().events(['a'], 1))
    await kafka.asAdmin((admin) =>
      admin.createTopics({ topics: [{ topic: `floodgate.dead.${group}`, numPartitions: 1 }], waitForLeaders: true }),
    )
    await kafka.allow(KAFKA_GUEST.username, group)
    const { bus } = kafka.openBus({ ...forGuest, KAFKA_CREATE_TOPICS: 'false' })
    const handled: string[] = []
    const subscription = await bus.subscribe({
      ...{ group, topics: ['floodgate.sales'], attemptsMax: 1 },
      async handle(batch) {
        const ours = batch.filter(isOurs)
        if (ours.some(({ id }) => id === 'bad#1')) throw new Error('broken')
        handled.push(...ours.map(({ id }) => id))
      },
    })
    const published = events(['a', 'bad', 'b'], 1)
    await bus.publish(published)
    await eventually(() => expect(handled.toSorted()).toEqual(['a#1', 'b#1']))
    const letters = bus.deadLetters(group)
    const [letter] = await eventually(async () => {
      const page = await letters.list({ order: 'oldest', limit: 10 })
      expect(page.letters).toHaveLength(1)
      return page.letters
    })
    expect(await letters.drop([letter?.id ?? ''])).toHaveLength(1)
    await subscription.stop()
  })
})

describe('--check', () => {
  const find = async (given: Environment) =>
    (await busChecks(kafka.settingsOf(given), [])[0]?.run(new AbortController().signal)) ?? {}

  it('says that the brokers and the topics are as required', async () => {
    await kafka.openBus().bus.publish(createSamples().events(['a'], 1))
    expect(await find({})).toEqual({
      kind: 'ok',
      detail: `1 broker(s), ${topics.length} of ${topics.length} topics exist`,
    })
  })

  it.each<[string, () => Environment, RegExp]>([
    ['a wrong password', () => ({ KAFKA_PASSWORD: 'wrong-password' }), /reject the user or the password/],
    ['an unknown user', () => ({ KAFKA_USERNAME: 'nobody', KAFKA_SASL: 'plain' }), /reject the user or the password/],
    ['another authority', () => ({ KAFKA_CA_FILE: kafka.server.security.client.certificateFile }), /unknown authority/],
    ['a missing file', () => ({ KAFKA_CA_FILE: '/nowhere' }), /KAFKA_CA_FILE cannot be read/],
    ['no broker at the address', () => ({ KAFKA_BROKERS: '127.0.0.1:9' }), /connection refused/],
    [
      'a listener that wants a password',
      () => ({ KAFKA_SASL: '', KAFKA_USERNAME: '', KAFKA_PASSWORD: '' }),
      /closed the connection/,
    ],
    ['a listener that wants TLS', () => ({ KAFKA_TLS: '', KAFKA_CA_FILE: '' }), /closed the connection/],
    [
      'a listener that takes no password',
      () => ({ KAFKA_BROKERS: testServerAddress('kafka'), KAFKA_TLS: '', KAFKA_CA_FILE: '' }),
      /take no password/,
    ],
    ['fewer replicas than required', () => ({ KAFKA_REPLICATION_FACTOR: '3' }), /has 1 replica, and KAFKA_REPL/],
  ])('names %s, and no password', async (_, given, problem) => {
    const finding = await find(given())
    expect(finding).toMatchObject({ kind: 'failed', problem: expect.stringMatching(problem) })
    expect(JSON.stringify(finding)).not.toMatch(/(wrong|admin)-password/)
  })

  it('names topics that this user may neither see nor create, and creates none', async () => {
    const settings = kafka.settingsOf({ KAFKA_USERNAME: KAFKA_GUEST.username, KAFKA_PASSWORD: KAFKA_GUEST.password })
    const [check] = busChecks(settings, ['forbidden.group'])
    expect(await check?.run(new AbortController().signal)).toMatchObject({
      kind: 'failed',
      problem: expect.stringMatching(/floodgate.dead.forbidden.group.*this user may not create it \(ACL CREATE\)/),
    })
    const [allowed] = busChecks(kafka.settingsOf(), ['allowed.group'])
    expect(await allowed?.run(new AbortController().signal)).toMatchObject({ kind: 'ok' })
    const existing = await kafka.asAdmin((admin) => admin.listTopics())
    expect(existing.filter((topic) => topic.includes('group'))).toEqual([])
  })

  it('asks the next broker when one accepts the connection and never responds', async () => {
    const mute = createServer((socket) => socket.resume()).listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const { port } = mute.address() as AddressInfo
    const settings = kafka.settingsOf({ KAFKA_BROKERS: `127.0.0.1:${port},${kafka.server.url}` })
    const [result] = await runChecks(busChecks(settings, []))
    mute.close()
    expect(result?.finding).toMatchObject({ kind: 'ok' })
  })

  it("counts the dead-letter topics of the app's groups", async () => {
    const settings = kafka.settingsOf({ KAFKA_CREATE_TOPICS: 'false' })
    const [check] = busChecks(settings, ['not.there.yet'])
    const problem = 'floodgate.dead.not.there.yet: missing, or invisible to this user; KAFKA_CREATE_TOPICS is false.'
    expect(await check?.run(new AbortController().signal)).toMatchObject({ kind: 'failed', problem })
  })

  it('finds a broker that responds behind others that do not', async () => {
    const brokers = `127.0.0.1:9,127.0.0.1:10,${kafka.server.url}`
    // A check gives up early, because somebody waits for it; on a slow machine it needs more than one attempt.
    await eventually(async () => expect(await find({ KAFKA_BROKERS: brokers })).toMatchObject({ kind: 'ok' }))
  })
})

describe('partitions that are added later', () => {
  it('get no event, so that the events of a key keep their order; a new process warns of them', async () => {
    const samples = createSamples()
    const keys = Array.from({ length: 12 }, (_, index) => `sale-${index}`)
    const { bus } = kafka.openBus()
    const handled: { id: string; partition: number }[] = []
    await bus.publish(samples.events(keys, 1))
    await bus.subscribe({
      ...{ group: samples.group, topics: ['floodgate.sales'] },
      async handle(batch, { partition }) {
        handled.push(...batch.filter(samples.isOurs).map(({ id }) => ({ id, partition })))
      },
    })
    await kafka.asAdmin((admin) =>
      admin.createPartitions({ topicPartitions: [{ topic: 'floodgate.sales', count: 12 }] }),
    )
    const later = kafka.openBus()
    await eventually(() =>
      expect(later.warnings.join()).toContain('floodgate.sales has 12 partitions, of which KAFKA_PARTITIONS uses 3'),
    )
    for (let version = 2; version <= 10; version += 1)
      await (version % 2 === 0 ? bus : later.bus).publish(samples.events(keys, 1, version))
    const all = samples.events(keys, 10).map(idOf)
    await eventually(() => expect(new Set(handled.map(({ id }) => id))).toEqual(new Set(all)))
    for (const key of keys) {
      const ofKey = handled.filter(({ id }) => id.startsWith(`${key}#`))
      expect(new Set(ofKey.map(({ partition }) => partition)).size, key).toBe(1)
      // A batch may be handled again.
      const ids = ofKey.map(({ id }) => id)
      expect(versionsOf(key, ids)).toEqual(upTo(10))
    }
    expect(new Set(handled.map(({ partition }) => partition))).toEqual(new Set([0, 1, 2]))
  })
})
