import {
  type ConnectionCheck,
  type Finding,
  failed,
  type HostAndPort,
  type Log,
  parseRedisUrl,
  type RedisTarget,
} from '@floodgate/runtime'
import type { Redis } from 'ioredis'
import { connectToServer } from '../create-redis.ts'
import type { Masters } from '../masters/masters.ts'
import { shareMasters } from '../masters/shared.ts'
import { explainServer, explainTopology } from './explain.ts'
import { judgeServer, readInfo, type ServerFacts } from './judge-server.ts'
import { mergeFindings } from './merge-findings.ts'

/** Its connections report through the finding alone. */
const QUIET: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }

/**
 * Returns the check of Redis: its masters are known, and each of them is reachable, writable, new enough, keeps what it
 * is given, and has the time of this machine.
 */
export function redisCheck(url: string): ConnectionCheck {
  return {
    name: 'Redis',
    setting: 'REDIS_URL',
    async run(signal) {
      const target = parseRedisUrl(url)
      const masters = shareMasters(url, QUIET)
      try {
        await masters.find('').catch((error: unknown) => {
          // Of a Redis Cluster, some masters may be known.
          if (masters.all().length === 0) throw error
        })
        return await mastersFinding({ url, target, masters }, signal)
      } catch (error) {
        return explainTopology(error, target)
      } finally {
        masters.close()
      }
    },
  }
}

interface Checked {
  readonly url: string
  readonly target: RedisTarget
  readonly masters: Masters
}

async function mastersFinding({ url, target, masters }: Checked, signal: AbortSignal): Promise<Finding> {
  const findings = masters.all().map(async (address) => ({
    server: target.kind === 'server' ? '' : `${address.host}:${address.port}`,
    finding: await serverFinding({ url, target, address }, signal),
  }))
  const merged = mergeFindings(await Promise.all(findings))
  if (merged.kind === 'failed' || masters.isComplete()) return merged
  return failed(
    'some slots of the Redis Cluster have no master',
    'Start the masters that are missing, or mend the cluster (redis-cli --cluster check).',
  )
}

async function serverFinding(
  { url, target, address }: Pick<Checked, 'url' | 'target'> & { readonly address: HostAndPort },
  signal: AbortSignal,
): Promise<Finding> {
  const redis = connectToServer({ url, name: 'floodgate-check', role: 'commands', log: QUIET }, address)
  signal.addEventListener('abort', () => redis.disconnect(), { once: true })
  try {
    await firstConnection(redis)
    return judgeServer(await factsOf(redis), target.kind)
  } catch (error) {
    return explainServer(error, target)
  } finally {
    redis.disconnect()
  }
}

/** Rejects with the first error: without it, the client would reconnect without end. */
function firstConnection(redis: Redis): Promise<void> {
  return new Promise((resolve, reject) => {
    redis.once('ready', resolve)
    redis.once('error', reject)
    redis.once('end', () => reject(new Error('the connection was closed')))
  })
}

async function factsOf(redis: Redis): Promise<ServerFacts> {
  const info = readInfo(await redis.info())
  // A Sentinel has no TIME.
  if (info.redis_mode === 'sentinel') return { info, aheadMs: 0, mastersOfCluster: 0 }
  const sentMs = Date.now()
  const [seconds = 0, microseconds = 0] = (await redis.time()).map(Number)
  const aheadMs = Math.round(seconds * 1_000 + microseconds / 1_000 - (sentMs + Date.now()) / 2)
  const cluster = info.cluster_enabled === '1' ? readInfo(String(await redis.call('CLUSTER', 'INFO'))) : {}
  return { info, aheadMs, mastersOfCluster: Number(cluster.cluster_size ?? 0) }
}
