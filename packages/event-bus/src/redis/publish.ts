import type { EncodedEvent, Topic } from '@floodgate/contracts'
import { defineScript, replyErrorCode, runScript } from '@floodgate/redis'
import { BusFull } from '../errors.ts'
import { type BusRedis, type Partition, partitionOfKey } from './keys.ts'

const publishScript = defineScript({
  name: 'publish',
  file: new URL('./publish.lua', import.meta.url),
  numberOfKeys: 'any',
})

const trimScript = defineScript({ name: 'trim', file: new URL('./trim.lua', import.meta.url), numberOfKeys: 'any' })

/** Events per script call, which occupies Redis for about a millisecond. */
const EVENTS_PER_CALL_MAX = 256

/**
 * How long topics keep events at most, whatever groups have acknowledged. An event of the stock has up to 100 KB, and a
 * newer one makes up for it: a group that is away for hours must not fill Redis.
 */
const KEPT_MS_MAX: { readonly [topic in Topic]?: number } = { 'floodgate.stock': 5 * 60_000 }

export interface Bounds {
  readonly eventsPerPartitionMax: number
  readonly keepAcknowledgedMs: number
}

/**
 * Appends events in their order, 256 at a time, each part completely or not at all. Throws BusFull at the bound. A
 * Redis whose memory is full rejects them (`OOM`); then all acknowledged events are removed.
 */
export async function publish(bus: BusRedis, events: readonly EncodedEvent[], bounds: Bounds): Promise<void> {
  for (let at = 0; at < events.length; at += EVENTS_PER_CALL_MAX) {
    await publishPart(bus, events.slice(at, at + EVENTS_PER_CALL_MAX), bounds)
  }
}

async function publishPart(
  { redis, keys: keysOf }: BusRedis,
  events: readonly EncodedEvent[],
  bounds: Bounds,
): Promise<void> {
  const partitions: Partition[] = []
  const numberOf = (topic: Topic, index: number): number => {
    const known = partitions.findIndex((each) => each.topic === topic && each.index === index)
    return known === -1 ? partitions.push({ topic, index }) : known + 1
  }
  const args = events.flatMap(({ topic, key, headers, value }) => [
    numberOf(topic, partitionOfKey(key)),
    key,
    JSON.stringify(headers),
    value,
  ])
  const keys = partitions.flatMap((partition) => [keysOf.events(partition), keysOf.offsets(partition)])
  const reply = (await runScript(redis, publishScript, {
    keys,
    args: [
      ...[bounds.eventsPerPartitionMax, bounds.keepAcknowledgedMs],
      ...partitions.map(({ topic }) => KEPT_MS_MAX[topic] ?? ''),
      ...args,
    ],
  }).catch(async (error: unknown) => {
    if (replyErrorCode(error) === 'OOM') await runScript(redis, trimScript, { keys, args: [] })
    throw error
  })) as [1] | [0, full: number, group: string]
  if (reply[0] === 1) return
  const full = partitions[reply[1] - 1]
  if (full === undefined) throw new RangeError(`publish.lua named partition ${reply[1]}, which was not among its keys.`)
  throw new BusFull({ topic: full.topic, partition: full.index, slowestGroup: reply[2] })
}
