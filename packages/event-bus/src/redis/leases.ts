import { defineScript, type Redis, runScript } from '@floodgate/redis'
import { leaseKey, membersKey, offsetsKey, type Partition } from './keys.ts'

const renewScript = defineScript({
  name: 'tend',
  file: new URL('./renew-leases.lua', import.meta.url),
  numberOfKeys: 'any',
})
const acknowledgeScript = defineScript({
  name: 'acknowledge',
  file: new URL('./acknowledge.lua', import.meta.url),
  numberOfKeys: 2,
})
const releaseScript = defineScript({
  name: 'release',
  file: new URL('./release.lua', import.meta.url),
  numberOfKeys: 1,
})

/** The identity of one consumer of a group. */
export interface Member {
  readonly group: string
  readonly consumer: string
}

export type LeaseState =
  | { readonly kind: 'foreign' }
  /**
   * Owned by this consumer; `surplus` when it now belongs to another consumer's share. `offset` is the last
   * acknowledged id.
   */
  | { readonly kind: 'owned' | 'surplus'; readonly fence: string; readonly offset: string }

const KINDS = ['foreign', 'owned', 'surplus'] as const

/**
 * Reports the member as alive, renews its leases and takes those that it is entitled to. Returns the states in the
 * order of `partitions`.
 */
export async function renewLeases(
  redis: Redis,
  member: Member,
  { partitions, leaseMs }: { readonly partitions: readonly Partition[]; readonly leaseMs: number },
): Promise<LeaseState[]> {
  const keys = partitions.flatMap((partition) => [leaseKey(partition, member.group), offsetsKey(partition)])
  const reply = (await runScript(redis, renewScript, {
    keys: [membersKey(member.group), ...keys],
    args: [member.group, member.consumer, leaseMs],
  })) as [state: 0 | 1 | 2, fence: string, offset: string][]
  return reply.map(([state, fence, offset]) => ({ kind: KINDS[state], fence, offset }))
}

export interface Lease {
  readonly partition: Partition
  readonly fence: string
}

/** Acknowledges everything up to `id`. Returns false when the lease is lost and nothing was changed. */
export async function acknowledge(redis: Redis, member: Member, { lease, id }: { lease: Lease; id: string }) {
  const { group, consumer } = member
  const reply = await runScript(redis, acknowledgeScript, {
    keys: [offsetsKey(lease.partition), leaseKey(lease.partition, group)],
    args: [group, consumer, lease.fence, id],
  })
  return reply === 1
}

export async function release(redis: Redis, { group, consumer }: Member, lease: Lease): Promise<void> {
  await runScript(redis, releaseScript, { keys: [leaseKey(lease.partition, group)], args: [consumer, lease.fence] })
}

/** Reports that this consumer leaves, so that the others need not wait for its time-out. */
export async function leave(redis: Redis, { group, consumer }: Member): Promise<void> {
  await redis.zrem(membersKey(group), consumer)
}
