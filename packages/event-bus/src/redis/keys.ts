import type { Topic } from '@floodgate/contracts'
import type { RedisClient } from '@floodgate/redis'

/** A part of a topic: events of one key are always in the same partition. */
export interface Partition {
  readonly topic: Topic
  readonly index: number
}

/** Never change it: with another number, keys would change partitions and their events lose their order. */
export const PARTITIONS_PER_TOPIC = 3

export function partitionsOf(topics: readonly Topic[]): Partition[] {
  return topics.flatMap((topic) => Array.from({ length: PARTITIONS_PER_TOPIC }, (_, index) => ({ topic, index })))
}

/** The keys of the bus in Redis. */
export interface BusKeys {
  /** stream: a partition's events */
  events(partition: Partition): string
  /** hash: group → id of the last event it acknowledged. Its fields are the registered groups. */
  offsets(partition: Partition): string
  /** hash: owner, fence and until (ms) of the lease that one consumer of a group holds on a partition */
  lease(partition: Partition, group: string): string
  /** zset: a group's consumers → last seen (ms) */
  members(group: string): string
  /** stream: a group's dead letters */
  deadLetters(group: string): string
  /** hash: the count of failed replays of each dead letter of a group, and the last reason */
  replays(group: string): string
}

/**
 * Returns the keys. On a Redis Cluster all of them share one hash tag, so that one master holds the bus: a publish is
 * atomic over partitions, and a read waits for several of them.
 */
export function busKeys({ inOneSlot }: { readonly inOneSlot: boolean }): BusKeys {
  const tag = (name: string): string => (inOneSlot ? `{bus}:${name}` : `bus:{${name}}`)
  const ofPartition = ({ topic, index }: Partition): string => tag(`${topic}:${index}`)
  return {
    events: (partition) => `${ofPartition(partition)}:events`,
    offsets: (partition) => `${ofPartition(partition)}:offsets`,
    lease: (partition, group) => `${ofPartition(partition)}:lease:${group}`,
    members: (group) => `${tag(group)}:members`,
    deadLetters: (group) => `${tag(group)}:dead`,
    replays: (group) => `${tag(group)}:dead:replays`,
  }
}

/** A Redis with a bus in it. */
export interface BusRedis {
  readonly redis: RedisClient
  readonly keys: BusKeys
}

/** Has the slot of every key of a bus on a Redis Cluster. */
export const BUS_KEY = '{bus}'

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** Maps a key to its partition: FNV-1a over its UTF-8 bytes. Never change it (see {@link PARTITIONS_PER_TOPIC}). */
export function partitionOfKey(key: string): number {
  let hash = FNV_OFFSET
  for (const byte of Buffer.from(key, 'utf8')) hash = Math.imul(hash ^ byte, FNV_PRIME)
  return (hash >>> 0) % PARTITIONS_PER_TOPIC
}
