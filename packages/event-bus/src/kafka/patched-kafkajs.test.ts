// Tests the changes of patches/kafkajs@2.2.4.patch.
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'

const internals = createRequire(import.meta.url)

interface Queue {
  pending: unknown[]
  throttledUntil: number
  throttleCheckTimeoutId: unknown
  checkPendingRequests(): void
  scheduleCheckPendingRequests(): void
  destroy(): void
}

const newQueue = (): Queue => {
  const RequestQueue = internals('kafkajs/src/network/requestQueue')
  const namespace = () => ({ debug: () => undefined })
  return new RequestQueue({ enforceRequestTimeout: false, logger: { namespace } })
}

it('lets a connection retry only while a request waits', () => {
  const queue = newQueue()
  queue.checkPendingRequests()
  queue.throttledUntil = Date.now() + 60_000
  queue.checkPendingRequests()
  expect(queue.throttleCheckTimeoutId).toBeFalsy()
  queue.pending.push({})
  queue.scheduleCheckPendingRequests()
  expect(queue.throttleCheckTimeoutId).toBeTruthy()
  queue.destroy()
})

const encodeRecord = internals('kafkajs/src/protocol/recordBatch/record/v0')
const decodeRecord = internals('kafkajs/src/protocol/recordBatch/record/v0/decoder')
const Decoder = internals('kafkajs/src/protocol/decoder')

/** Encodes and decodes a record; also returns how many of its bytes were not read. */
const thereAndBack = (record: object) => {
  const decoder = new Decoder(encodeRecord(record).buffer)
  const length: number = decoder.readVarInt()
  const unread = decoder.buffer.length - decoder.offset - length
  const read = decodeRecord(decoder, { firstOffset: '40', firstTimestamp: '1700000000000' })
  return { ...read, unread: unread + (decoder.buffer.length - decoder.offset) }
}

it.each([
  ['no header', {}],
  ['some', { ce_id: 'a#1', 'content-type': 'application/json' }],
  ['one without a text', { ce_id: '' }],
  ['one in another script', { ce_subject: 'Мантоо 🧥' }],
  ['one longer than a byte can count', { ce_source: 'x'.repeat(70_000) }],
  ['one given three times', { ce_id: ['a', 'b', 'c'] }],
])('encodes and decodes a record with %s', (_, headers: Record<string, string | string[]>) => {
  const read = thereAndBack({ key: 'key', value: 'значение', headers, offsetDelta: 300, timestampDelta: 70_000 })
  expect(read).toMatchObject({ offset: '340', timestamp: '1700000070000', unread: 0 })
  expect([String(read.key), String(read.value)]).toEqual(['key', 'значение'])
  const texts = Object.entries<Buffer | Buffer[]>(read.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map(String) : String(value),
  ])
  expect(Object.fromEntries(texts)).toEqual(headers)
})

it('writes a record byte by byte as the protocol specifies', () => {
  const { buffer } = encodeRecord({ key: 'k', value: null, headers: { h: 'v' }, offsetDelta: 1 })
  // Length 11; attributes, timestamp 0, offset 1 in zigzag; key of 1, no value; one header.
  expect([...buffer]).toEqual([22, 0, 0, 2, 2, 107, 1, 2, 2, 104, 2, 118])
})

/** Sends one message to each of two partitions; `leaders` has the leader of each, at each attempt. */
async function sendToMovingLeaders(
  leaders: readonly (readonly number[])[],
  isMute: (attempt: number, node: number) => boolean,
) {
  const createSendMessages = internals('kafkajs/src/producer/sendMessages')
  const createRetry = internals('kafkajs/src/retry')
  const { KafkaJSConnectionError } = internals('kafkajs/src/errors')
  const produced: string[] = []
  let attempt = -1
  const nodes = [0, 1].map((nodeId) => ({
    nodeId,
    async produce({ topicData }: { topicData: { partitions: { partition: number }[] }[] }) {
      if (isMute(attempt, nodeId)) throw new KafkaJSConnectionError('No response')
      produced.push(
        ...topicData.flatMap(({ partitions }) => partitions.map(({ partition }) => `${partition}@${nodeId}`)),
      )
      return { topics: [] }
    },
  }))
  const cluster = {
    addMultipleTargetTopics: async () => undefined,
    isConnected: () => true,
    refreshMetadata: async () => undefined,
    async refreshMetadataIfNecessary() {
      attempt += 1
    },
    findTopicPartitionMetadata: () => [{ partitionId: 0 }, { partitionId: 1 }],
    findLeaderForPartitions: (_: string, partitions: string[]) =>
      Object.groupBy(partitions.map(Number), (partition) => leaders[attempt]?.[partition] ?? -1),
    findBroker: async ({ nodeId }: { nodeId: string }) => nodes[Number(nodeId)],
  }
  const eosManager = {
    acquireBrokerLock: async () => undefined,
    releaseBrokerLock: async () => undefined,
    isTransactional: () => false,
    getSequence: () => 0,
    updateSequence: () => undefined,
    getProducerId: () => 1,
    getProducerEpoch: () => 0,
  }
  const send = createSendMessages({
    logger: { debug: () => undefined, error: () => undefined },
    cluster,
    partitioner: ({ message }: { message: { key: string } }) => Number(message.key),
    eosManager,
    retrier: createRetry({ initialRetryTime: 1, retries: 3 }),
  })
  await send({ acks: -1, timeout: 1_000, topicMessages: [{ topic: 'orders', messages: [{ key: '0' }, { key: '1' }] }] })
  return produced
}

it('sends what an unresponsive leader did not get to the next one, although that has responded for others', async () => {
  const leaders = [
    [0, 1],
    [0, 0],
  ]
  const produced = await sendToMovingLeaders(leaders, (attempt, node) => attempt === 0 && node === 1)
  expect(produced).toEqual(['0@0', '1@0'])
})

it('sends nothing twice that was acknowledged', async () => {
  const leaders = [
    [0, 1],
    [1, 1],
  ]
  const produced = await sendToMovingLeaders(leaders, (attempt, node) => attempt === 0 && node === 1)
  expect(produced).toEqual(['0@0', '1@1'])
})

const newCluster = (metadata: () => Promise<unknown>) => {
  const Cluster = internals('kafkajs/src/cluster')
  const log = { debug: () => undefined, error: () => undefined }
  const cluster = new Cluster({
    ...{ logger: { ...log, namespace: () => log }, brokers: ['a:1'], retry: { initialRetryTime: 1, retries: 2 } },
    ...{ connectionBuilder: {}, metadataMaxAge: 1, offsets: new Map() },
  })
  const broker = { isConnected: () => true, metadata }
  Object.assign(cluster.brokerPool, {
    brokers: { 1: broker },
    refreshMetadataIfNecessary: async () => undefined,
    findBroker: async () => broker,
  })
  return cluster
}

it('retries a request for metadata while all brokers are lost, and rejects with their error', async () => {
  const { KafkaJSConnectionError } = internals('kafkajs/src/errors')
  let attempts = 0
  const lost = newCluster(async () => {
    attempts += 1
    throw new KafkaJSConnectionError('Connection timeout')
  })
  await expect(lost.metadata({ topics: [] })).rejects.toThrow('Connection timeout')
  expect(attempts).toBe(3)
  const back = newCluster(async () => {
    attempts += 1
    if (attempts === 4) throw new KafkaJSConnectionError('Connection timeout')
    return { brokers: [] }
  })
  expect(await back.metadata({ topics: [] })).toEqual({ brokers: [] })
})

it('reaches a broker by an IPv6 address', async () => {
  const buildPools = internals('kafkajs/src/cluster/connectionPoolBuilder')
  const namespace = () => ({ debug: () => undefined, error: () => undefined })
  const pools = buildPools({ brokers: ['[::1]:9092', 'kafka.example:9093'], logger: { namespace }, retry: {} })
  expect([await pools.build(), await pools.build()].map(({ host, port }) => [host, port])).toEqual([
    ['::1', 9092],
    ['kafka.example', 9093],
  ])
})
