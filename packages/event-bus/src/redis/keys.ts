import type { Topic } from '@floodgate/contracts'

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

const tag = ({ topic, index }: Partition): string => `bus:{${topic}:${index}}`

/** Returns the stream of a partition's events. */
export function eventsKey(partition: Partition): string {
  return `${tag(partition)}:events`
}
/** Returns the hash of offsets: group → id of the last event it acknowledged. Its fields are the registered groups. */
export function offsetsKey(partition: Partition): string {
  return `${tag(partition)}:offsets`
}
/** Returns the hash of a lease that one consumer of a group holds on a partition: owner, fence and until (ms). */
export function leaseKey(partition: Partition, group: string): string {
  return `${tag(partition)}:lease:${group}`
}
/** Returns the sorted set of a group's consumers → last seen (ms). */
export function membersKey(group: string): string {
  return `bus:{${group}}:members`
}
/** Returns the stream of a group's dead letters. */
export function deadLettersKey(group: string): string {
  return `bus:{${group}}:dead`
}

/** Returns the hash of failed replays: the count of each dead letter of a group, and the last reason. */
export function replaysKey(group: string): string {
  return `bus:{${group}}:dead:replays`
}

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** Maps a key to its partition: FNV-1a over its UTF-8 bytes. Never change it (see {@link PARTITIONS_PER_TOPIC}). */
export function partitionOfKey(key: string): number {
  let hash = FNV_OFFSET
  for (const byte of Buffer.from(key, 'utf8')) hash = Math.imul(hash ^ byte, FNV_PRIME)
  return (hash >>> 0) % PARTITIONS_PER_TOPIC
}
