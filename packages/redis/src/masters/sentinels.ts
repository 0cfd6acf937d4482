import type { HostAndPort, RedisTarget } from '@floodgate/runtime'
import type { RedisOptions } from 'ioredis'
import { createMajority } from './first-majority.ts'
import type { Source } from './follow.ts'
import { isSameAddress } from './masters.ts'
import { TopologyUnknown } from './topology-unknown.ts'
import { openWatcher, type Watcher } from './watcher.ts'

/** Which server a Sentinel names as the master, and the failover that made it the master: a later one counts more. */
interface Claim {
  readonly master: HostAndPort
  readonly epoch: number
  /** False for the Sentinel that leads a failover: it counts that one already, and still names the old master. */
  readonly isSettled: boolean
}

/**
 * Asks all Sentinels for the master and believes the one that knows of the newest failover, once more than half have
 * replied. A Sentinel that was stopped together with an old master still names that one, and is outvoted.
 */
export function sentinelSource(target: RedisTarget, tls: RedisOptions['tls']): Source<HostAndPort> {
  const { name = '', username, password } = target.sentinel ?? {}
  const options = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
  }
  const sentinels = new Map(
    target.addresses.map((address) => [`${address.host} ${address.port}`, openWatcher(address, options)]),
  )
  const askMajority = createMajority<Claim>()
  const claimBy = async (sentinel: Watcher) => claimOf(await sentinel.ask('SENTINEL', 'MASTER', name))
  return {
    async ask() {
      const asked = [...sentinels].map(([each, sentinel]) => [each, claimBy(sentinel)] as const)
      const { replies, failures } = await askMajority(new Map(asked))
      const newest = newestClaim(replies)
      if (newest === undefined)
        throw new TopologyUnknown(failures, `no Sentinel names a master ${JSON.stringify(name)}`)
      return newest.master
    },
    masterOf: (master) => master,
    mastersOf: (master) => [master],
    isComplete: () => true,
    isSame: isSameAddress,
    close() {
      for (const sentinel of sentinels.values()) sentinel.close()
    },
  }
}

/** Returns the claim with the newest failover; a settled one before others of the same. Pure. */
export function newestClaim(claims: readonly Claim[]): Claim | undefined {
  return claims.toSorted((a, b) => b.epoch - a.epoch || Number(b.isSettled) - Number(a.isSettled))[0]
}

/** Reads the reply of `SENTINEL MASTER`: names and values in turn. Pure. */
export function claimOf(reply: unknown): Claim {
  const flat = Array.isArray(reply) ? reply.map(String) : []
  const field = (name: string): string | undefined =>
    flat[flat.findIndex((each, at) => at % 2 === 0 && each === name) + 1]
  const [host, port, epoch] = [field('ip'), Number(field('port')), Number(field('config-epoch'))]
  if (host === undefined || !(port > 0) || !Number.isInteger(epoch)) throw new Error('A Sentinel names no master.')
  const isSettled = !(field('flags') ?? '').split(',').includes('failover_in_progress')
  return { master: { host, port }, epoch, isSettled }
}
