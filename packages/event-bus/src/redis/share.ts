import type { Log } from '@floodgate/runtime'
import type { BusRedis, Partition } from './keys.ts'
import { type Lease, type LeaseState, leave, type Member, release, renewLeases } from './leases.ts'
import type { OwnedPartition } from './owned-partition.ts'

const LEASE_MS = 4_000
const RENEW_INTERVAL_MS = 1_000
/** A timer may fire slightly early by this clock: a turn this close counts as done. */
const EARLY_MS_MAX = 20

/**
 * Returns the time to the next whole second since the process began: all of its subscriptions renew at once and wake it
 * once.
 */
const untilNextRenewal = (): number => {
  const restMs = RENEW_INTERVAL_MS - (performance.now() % RENEW_INTERVAL_MS)
  return restMs < EARLY_MS_MAX ? restMs + RENEW_INTERVAL_MS : restMs
}

/** The partitions that this consumer owns: its share of what its group consumes. */
export interface Share {
  /** By the key of their stream. */
  readonly owned: ReadonlyMap<string, OwnedPartition>
  /** Tells whether the leases certainly still belong to this consumer: handlers may be called. */
  isCertain(): boolean
  lastRenewalAgeMs(): number
  /** Takes and releases partitions as the lease script decides. Throws while Redis is unavailable. */
  renewOnce(): Promise<void>
  /** Reads every partition again from its acknowledged offset: the server may have lost its newest writes. */
  reload(): void
  /** Releases everything. Never throws. */
  stop(): Promise<void>
}

export interface ShareOptions {
  readonly bus: BusRedis
  readonly member: Member
  readonly partitions: readonly Partition[]
  begin(lease: Lease, offset: string): OwnedPartition
  /** Called after each renewal, whether or not a partition changed its owner. */
  onRenewed(): void
  readonly log: Log
}

/**
 * Maintains a consumer's share: once a second it reports itself alive and learns which partitions it owns. Releases a
 * partition that belongs to another consumer once its batch is done; one whose owner died becomes free when the owner's
 * lease ends.
 */
export function createShare({ bus, member, partitions, begin, onRenewed, log }: ShareOptions): Share {
  const owned = new Map<string, OwnedPartition>()
  /** Partitions still finishing a batch; they do not start again before that. */
  const retiring = new Map<string, Promise<void>>()
  let renewedAtMs = Number.NEGATIVE_INFINITY
  let renewing: Promise<void> = Promise.resolve()

  const retire = (key: string, partition: OwnedPartition, mayRelease: boolean): void => {
    owned.delete(key)
    const done = (async () => {
      await partition.stop()
      // Redis is unavailable, and the lease ends by itself.
      if (mayRelease) await release(bus, member, partition.lease).catch(() => undefined)
      retiring.delete(key)
    })()
    retiring.set(key, done)
  }

  const settle = async (partition: Partition, tenure: LeaseState): Promise<void> => {
    const key = bus.keys.events(partition)
    const current = owned.get(key)
    if (tenure.kind === 'foreign') {
      current?.giveUp()
      owned.delete(key)
      return
    }
    if (retiring.has(key)) return
    const lease = { partition, fence: tenure.fence }
    if (tenure.kind === 'surplus') {
      if (current === undefined) await release(bus, member, lease)
      else retire(key, current, true)
      return
    }
    if (current !== undefined && !current.ended && current.lease.fence === tenure.fence) return
    if (current === undefined || current.ended) owned.set(key, begin(lease, tenure.offset))
    else retire(key, current, false)
  }

  const renewAndSettle = async (): Promise<void> => {
    const sentAtMs = performance.now()
    const tenures = await renewLeases(bus, member, { partitions, leaseMs: LEASE_MS })
    renewedAtMs = sentAtMs
    const before = [...owned.keys()].join()
    for (const [index, partition] of partitions.entries()) {
      const tenure = tenures[index]
      if (tenure !== undefined) await settle(partition, tenure)
    }
    if ([...owned.keys()].join() !== before)
      log.info({ group: member.group, partitions: [...owned.values()].map(nameOf) }, 'Partitions changed hands')
    onRenewed()
  }

  const renewOnce = (): Promise<void> => {
    renewing = renewAndSettle()
    return renewing
  }

  const isCertain = (): boolean => performance.now() < renewedAtMs + LEASE_MS

  const renewAgain = (): void => {
    timer = setTimeout(renewAgain, untilNextRenewal())
    renewOnce().catch(() => {
      // The connection has logged it. A new owner after the lease's end must not find this one still working.
      if (isCertain()) return
      for (const partition of owned.values()) partition.giveUp()
      owned.clear()
    })
  }
  let timer = setTimeout(renewAgain, untilNextRenewal())

  return {
    owned,
    isCertain,
    lastRenewalAgeMs: () => performance.now() - renewedAtMs,
    renewOnce,
    reload() {
      for (const [key, partition] of [...owned]) retire(key, partition, false)
      // At once, not at the next second: these events have already waited for Redis.
      void Promise.all(retiring.values())
        .then(renewOnce)
        .catch(() => undefined)
    },
    async stop() {
      clearTimeout(timer)
      // A reply in progress may bring new leases, which must be released, too.
      await renewing.catch(() => undefined)
      for (const [key, partition] of [...owned]) retire(key, partition, true)
      await Promise.all(retiring.values())
      await leave(bus, member).catch(() => undefined)
    },
  }
}

const nameOf = ({ lease }: OwnedPartition): string => `${lease.partition.topic}:${lease.partition.index}`
