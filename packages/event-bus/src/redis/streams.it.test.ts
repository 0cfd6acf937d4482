import { closeRedis, isRedisUnavailable, type Redis } from '@floodgate/redis'
import { connectRedis, eventually, fillRedis, ownRedis } from '@floodgate/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSamples } from '../conformance/sample-events.ts'
import { BusFull } from '../errors.ts'
import { type BusRedis, busKeys, type Partition, partitionOfKey, partitionsOf } from './keys.ts'
import { acknowledge, type LeaseState, leave, release, renewLeases } from './leases.ts'
import { publish } from './publish.ts'

const LEASE_MS = 200
const KEYS = busKeys({ inOneSlot: false })
const samples = createSamples()
const partitions = partitionsOf(['floodgate.sales'])
const first = partitions[0] as Partition
const one = { group: 'g', consumer: 'one' }
const two = { group: 'g', consumer: 'two' }

let server: Awaited<ReturnType<typeof ownRedis>>
let redis: Redis
let bus: BusRedis
beforeAll(async () => {
  server = await ownRedis()
  redis = await connectRedis(server.url, 'scripts')
  bus = { redis, keys: KEYS }
})
afterAll(async () => {
  await closeRedis(redis)
  await server.remove()
})
beforeEach(() => redis.flushall())

const renewAs = (member: typeof one, leaseMs = LEASE_MS): Promise<LeaseState[]> =>
  renewLeases(bus, member, { partitions, leaseMs })
const kinds = (tenures: readonly LeaseState[]): string[] => tenures.map(({ kind }) => kind)
const fenceOf = (tenures: readonly LeaseState[]): string => {
  const [tenure] = tenures
  if (tenure === undefined || tenure.kind === 'foreign') throw new Error('The first partition is not ours.')
  return tenure.fence
}

describe('the leases of a group', () => {
  it('all go to a lone consumer, and stay unchanged at a renewal', async () => {
    const tenures = await renewAs(one)
    expect(kinds(tenures)).toEqual(['owned', 'owned', 'owned'])
    expect(await renewAs(one)).toEqual(tenures)
  })

  it('change owners only when they are released', async () => {
    const mine = await renewAs(one, 60_000)
    expect(kinds(await renewAs(two, 60_000))).toEqual(['foreign', 'foreign', 'foreign'])
    expect(kinds(await renewAs(one, 60_000))).toEqual(['owned', 'surplus', 'owned'])
    const surplus = { partition: partitions[1] as Partition, fence: fenceOf(mine.slice(1)) }
    await release(bus, one, surplus)
    await release(bus, one, surplus)
    expect(kinds(await renewAs(two, 60_000))).toEqual(['foreign', 'owned', 'foreign'])
    await leave(bus, two)
    expect(kinds(await renewAs(one, 60_000))).toEqual(['owned', 'foreign', 'owned'])
  })

  it('of a silent consumer end by themselves, and the next fence is higher', async () => {
    const before = fenceOf(await renewAs(one))
    const after = await eventually(async () => {
      const tenures = await renewAs(two)
      expect(kinds(tenures)).toEqual(['owned', 'owned', 'owned'])
      return fenceOf(tenures)
    })
    expect(Number(after)).toBeGreaterThan(Number(before))
    expect(await acknowledge(bus, one, { lease: { partition: first, fence: before }, id: '5-0' })).toBe(false)
    await release(bus, one, { partition: first, fence: before })
    expect(await redis.hget(KEYS.offsets(first), 'g')).toBe('0-0')
    expect(await acknowledge(bus, two, { lease: { partition: first, fence: after }, id: '5-0' })).toBe(true)
    expect(await acknowledge(bus, two, { lease: { partition: first, fence: after }, id: '5-0' })).toBe(true)
    expect((await renewAs(two))[0]).toMatchObject({ kind: 'owned', offset: '5-0' })
  })

  it('are taken with a new fence after Redis lost everything', async () => {
    const before = fenceOf(await renewAs(one))
    await redis.flushall()
    await eventually(async () => expect(Number(fenceOf(await renewAs(one)))).toBeGreaterThan(Number(before)))
  })
})

describe('publishing', () => {
  const key = 'demo'
  const partition: Partition = { topic: 'floodgate.sales', index: partitionOfKey(key) }
  const stream = KEYS.events(partition)
  const bounds = { eventsPerPartitionMax: 300, keepAcknowledgedMs: 60_000 }
  const acknowledgeAll = async (group: string): Promise<void> => {
    const [newest] = await redis.xrevrange(stream, '+', '-', 'COUNT', 1)
    await redis.hset(KEYS.offsets(partition), group, newest?.[0] ?? '0-0')
  }

  it('stops at the bound, then appends nothing, and names the slowest group', async () => {
    await redis.hset(KEYS.offsets(partition), 'slow', '0-0', 'quick', '9-0')
    await publish(bus, samples.events([key], 300), bounds)
    const failure = await publish(bus, samples.events(['other', 'sale-0', key], 1), bounds).catch((error) => error)
    expect(failure).toBeInstanceOf(BusFull)
    expect(failure).toMatchObject({ topic: 'floodgate.sales', partition: partition.index, slowestGroup: 'slow' })
    const lengths = await Promise.all(partitions.map((each) => redis.xlen(KEYS.events(each))))
    expect(lengths.reduce((sum, length) => sum + length)).toBe(300)
  })

  it('continues when the slowest group has acknowledged; then even events kept for late groups are removed', async () => {
    await redis.hset(KEYS.offsets(partition), 'slow', '0-0')
    await publish(bus, samples.events([key], 300), bounds)
    await acknowledgeAll('slow')
    await publish(bus, samples.events([key], 10), bounds)
    expect(await redis.xlen(stream)).toBe(11)
  })

  it('removes only what every group acknowledged', async () => {
    const keepNothing = { eventsPerPartitionMax: 10_000, keepAcknowledgedMs: 0 }
    await redis.hset(KEYS.offsets(partition), 'slow', '0-0', 'quick', '0-0')
    await publish(bus, samples.events([key], 1_000), keepNothing)
    await acknowledgeAll('quick')
    await publish(bus, samples.events([key], 1), keepNothing)
    expect(await redis.xlen(stream)).toBe(1_001)
    await acknowledgeAll('slow')
    await acknowledgeAll('quick')
    await publish(bus, samples.events([key], 1), keepNothing)
    expect(await redis.xlen(stream)).toBeLessThan(200)
  })

  it('removes events of the stock after five minutes, also those that a group has not acknowledged, and no others', async () => {
    const [template] = samples.events([key], 1)
    if (template === undefined) throw new Error('no sample')
    const stock: Partition = { ...partition, topic: 'floodgate.stock' }
    const minutesAgo = (minutes: number) => `${Date.now() - minutes * 60_000}-0`
    for (const each of [stock, partition]) {
      await redis.hset(KEYS.offsets(each), 'away', '0-0')
      for (const minutes of [6, 4]) await redis.xadd(KEYS.events(each), minutesAgo(minutes), 'key', key)
    }
    await publish(bus, [template, { ...template, topic: 'floodgate.stock' }], bounds)
    expect(await redis.xlen(KEYS.events(stock))).toBe(2)
    expect(await redis.xlen(stream)).toBe(3)
  })

  it('removes the oldest events of the stock at the bound, for the newest that count', async () => {
    const stock: Partition = { ...partition, topic: 'floodgate.stock' }
    await redis.hset(KEYS.offsets(stock), 'away', '0-0')
    const events = samples.events([key], 310).map((event) => ({ ...event, topic: stock.topic }))
    for (const part of [events.slice(0, 200), events.slice(200)]) await publish(bus, part, bounds)
    const kept = await redis.xrange(KEYS.events(stock), '-', '+')
    expect(kept).toHaveLength(300)
    expect(kept.at(-1)?.[1]).toContain(events.at(-1)?.value)
  })

  it('keeps everything while no group is known', async () => {
    await publish(bus, samples.events([key], 500), { eventsPerPartitionMax: 1_000, keepAcknowledgedMs: 0 })
    expect(await redis.xlen(stream)).toBe(500)
  })
})

describe('a Redis whose memory is full', () => {
  const bounds = { eventsPerPartitionMax: 1_000, keepAcknowledgedMs: 60_000 }
  const lengths = async () => await Promise.all(partitions.map((each) => redis.xlen(KEYS.events(each))))

  it('rejects events, removes acknowledged ones, and lets consumers continue', async () => {
    const tenures = await renewAs(one, 60_000)
    const keys = ['a', 'b', 'c', 'd', 'e', 'f']
    await publish(bus, samples.events(keys, 50), bounds)
    const before = await lengths()
    const full = await fillRedis(server.url)
    try {
      const failed = await publish(bus, samples.events(keys, 1), bounds).catch((error: unknown) => error)
      expect(isRedisUnavailable(failed)).toBe(true)
      expect(await lengths()).toEqual(before)

      expect(kinds(await renewAs(one, 60_000))).toEqual(['owned', 'owned', 'owned'])
      for (const [index, partition] of partitions.entries()) {
        const last = (await redis.xrevrange(KEYS.events(partition), '+', '-', 'COUNT', 1))[0]?.[0]
        if (last === undefined) continue
        const lease = { partition, fence: fenceOf(tenures.slice(index)) }
        expect(await acknowledge(bus, one, { lease, id: last })).toBe(true)
      }
      await expect(publish(bus, samples.events(keys, 1), bounds)).rejects.toThrow(/^OOM/)
      for (const length of await lengths()) expect(length).toBeLessThanOrEqual(1)
    } finally {
      await full.free()
    }
    await publish(bus, samples.events(keys, 1), bounds)
    expect((await lengths()).reduce((sum, length) => sum + length)).toBeGreaterThanOrEqual(keys.length)
  })
})
