import type { Topic } from '@floodgate/contracts'

/** A part of a topic: events of one key are always in the same one. */
export interface Partition {
  readonly topic: Topic
  readonly index: number
}

/** Fixed for the life of the data: with another number, keys would move and events swap places. */
export const PARTITIONS_PER_TOPIC = 3

export function partitionsOf(topics: readonly Topic[]): Partition[] {
  return topics.flatMap((topic) => Array.from({ length: PARTITIONS_PER_TOPIC }, (_, index) => ({ topic, index })))
}

const tag = ({ topic, index }: Partition): string => `bus:{${topic}:${index}}`

/** Stream of a partition's events. */
export function eventsKey(partition: Partition): string {
  return `${tag(partition)}:events`
}
/** Hash: group → id of the last event it acknowledged. Its fields are the registered groups. */
export function offsetsKey(partition: Partition): string {
  return `${tag(partition)}:offsets`
}
/** Hash: owner, fence and until (ms) of the lease that one consumer of a group holds on a partition. */
export function leaseKey(partition: Partition, group: string): string {
  return `${tag(partition)}:lease:${group}`
}
/** Sorted set: consumers of a group → last seen (ms). */
export function membersKey(group: string): string {
  return `bus:{${group}}:members`
}
/** Stream of a group's dead letters. */
export function deadLettersKey(group: string): string {
  return `bus:{${group}}:dead`
}

/** Hash: how often each dead letter of a group was replayed in vain, and the last reason. */
export function replaysKey(group: string): string {
  return `bus:{${group}}:dead:replays`
}

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** Where the events of a key go: FNV-1a over its UTF-8 bytes. Never change it (see {@link PARTITIONS_PER_TOPIC}). */
export function partitionOfKey(key: string): number {
  let hash = FNV_OFFSET
  for (const byte of Buffer.from(key, 'utf8')) hash = Math.imul(hash ^ byte, FNV_PRIME)
  return (hash >>> 0) % PARTITIONS_PER_TOPIC
}
