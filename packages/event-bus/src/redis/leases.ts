import { defineScript, runScript } from '@floodgate/redis'
import type { BusRedis, Partition } from './keys.ts'

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
  { redis, keys }: BusRedis,
  member: Member,
  { partitions, leaseMs }: { readonly partitions: readonly Partition[]; readonly leaseMs: number },
): Promise<LeaseState[]> {
  const each = partitions.flatMap((partition) => [keys.lease(partition, member.group), keys.offsets(partition)])
  const reply = (await runScript(redis, renewScript, {
    keys: [keys.members(member.group), ...each],
    args: [member.group, member.consumer, leaseMs],
  })) as [state: 0 | 1 | 2, fence: string, offset: string][]
  return reply.map(([state, fence, offset]) => ({ kind: KINDS[state], fence, offset }))
}

export interface Lease {
  readonly partition: Partition
  readonly fence: string
}

/** Acknowledges everything up to `id`. Returns false when the lease is lost and nothing was changed. */
export async function acknowledge(
  { redis, keys }: BusRedis,
  member: Member,
  { lease, id }: { lease: Lease; id: string },
) {
  const { group, consumer } = member
  const reply = await runScript(redis, acknowledgeScript, {
    keys: [keys.offsets(lease.partition), keys.lease(lease.partition, group)],
    args: [group, consumer, lease.fence, id],
  })
  return reply === 1
}

export async function release({ redis, keys }: BusRedis, { group, consumer }: Member, lease: Lease): Promise<void> {
  await runScript(redis, releaseScript, { keys: [keys.lease(lease.partition, group)], args: [consumer, lease.fence] })
}

/** Reports that this consumer leaves, so that the others need not wait for its time-out. */
export async function leave({ redis, keys }: BusRedis, { group, consumer }: Member): Promise<void> {
  await redis.zrem(keys.members(group), consumer)
}
