import { type Finding, failed, type RedisTarget, warned } from '@floodgate/runtime'

/** Admissions end by the clock of Redis, and are verified by the clocks of the apps. */
const CLOCK_MS_MAX = 2_000
const VERSION_MIN = 7

/** The fields of a reply of `INFO` or `CLUSTER INFO`. */
export type RedisInfo = Partial<Record<string, string>>

/** What a server says about itself. */
export interface ServerFacts {
  readonly info: RedisInfo
  /** How far its clock is ahead of this machine. */
  readonly aheadMs: number
  /** Masters of the Redis Cluster that it belongs to; 0 for none. */
  readonly mastersOfCluster: number
}

/** Judges whether an app can rely on a master, reached by a URL of this kind. Pure. */
export function judgeServer(facts: ServerFacts, kind: RedisTarget['kind']): Finding {
  return problemOf(facts, kind) ?? riskOf(facts.info, kind) ?? { kind: 'ok', detail: versionOf(facts.info) }
}

function problemOf({ info, aheadMs, mastersOfCluster }: ServerFacts, kind: RedisTarget['kind']): Finding | undefined {
  if (info.redis_mode === 'sentinel')
    return failed(
      'this is a Sentinel',
      'Begin REDIS_URL with redis+sentinel:// and end it with the name of the master.',
    )
  if (Number.parseInt(info.redis_version ?? String(VERSION_MIN), 10) < VERSION_MIN)
    return failed(`the server is ${versionOf(info)}`, `Use Redis ${VERSION_MIN}.0 or newer.`)
  if (kind === 'server' && mastersOfCluster > 1)
    return failed(
      `the server is one of ${mastersOfCluster} masters of a Redis Cluster and rejects the keys of the others`,
      'Begin REDIS_URL with redis+cluster://.',
    )
  if (Math.abs(aheadMs) > CLOCK_MS_MAX)
    return failed(
      `its clock is ${(Math.abs(aheadMs) / 1_000).toFixed(1)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine`,
      'Synchronize the clocks of all machines (NTP).',
    )
  if (info.maxmemory_policy !== undefined && info.maxmemory_policy !== 'noeviction')
    return failed(
      `its maxmemory-policy is ${info.maxmemory_policy}: a full server would delete places and holds`,
      'Set maxmemory-policy to noeviction.',
    )
  if (info.min_slaves_good_slaves === '0')
    return failed(
      'it rejects every write, because too few replicas follow it',
      'Start its replicas (min-replicas-to-write).',
    )
  return undefined
}

function riskOf(info: RedisInfo, kind: RedisTarget['kind']): Finding | undefined {
  if (info.aof_enabled === '0')
    return warned('it has no append-only file: a restart loses every place in line', 'Set appendonly to yes.')
  // The field exists only with min-replicas-to-write. A master of a Cluster that is cut off stops by itself.
  if (kind !== 'cluster' && Number(info.connected_slaves ?? 0) > 0 && info.min_slaves_good_slaves === undefined)
    return warned(
      'after a failover, a primary that is cut off would go on accepting writes, which are lost',
      'Set min-replicas-to-write to 1 and min-replicas-max-lag to 5.',
    )
  return undefined
}

const versionOf = (info: RedisInfo): string => `Redis ${info.redis_version ?? 'of an unknown version'}`

/** Reads the lines `name:value` of such a reply. Pure. */
export function readInfo(reply: string): RedisInfo {
  const lines = reply.split('\r\n').filter((line) => line.includes(':'))
  return Object.fromEntries(lines.map((line) => line.split(/:(.*)/s, 2) as [string, string]))
}
