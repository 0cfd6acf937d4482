import { closeRedis, createRedis, type Redis, waitUntilReady } from '@floodgate/redis'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { type CommandStats, parseCommandStats } from './command-stats.ts'

const READY_MS_MAX = 60_000
/** Command time-out, long enough for a bench's own bulk writes. */
const COMMAND_MS_MAX = 60_000

/** Opens a connection for the bench, passes it to `work`, and closes it in any case. */
export async function withRedis<Result>(url: string, work: (redis: Redis) => Promise<Result>): Promise<Result> {
  const redis = createRedis({
    url,
    name: 'bench',
    role: 'commands',
    commandTimeoutMs: COMMAND_MS_MAX,
    log: silentLogger,
  })
  try {
    await waitUntilReady(redis, AbortSignal.timeout(READY_MS_MAX))
    return await work(redis)
  } finally {
    await closeRedis(redis)
  }
}

export async function readCommandStats(redis: Redis): Promise<CommandStats> {
  return parseCommandStats(await redis.info('commandstats'))
}
