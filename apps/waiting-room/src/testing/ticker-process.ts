import { closeRedis, createRedis, trackRunId, waitUntilReady } from '@floodgate/redis'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { createTickFailures } from '../admission/tick-failures.ts'
import { createTicker } from '../admission/ticker.ts'
import { createRegistry } from '../processes/registry.ts'
import { createLineRedis } from '../redis/line-redis.ts'

/**
 * Ticks one sale when it is its turn, as a process for a test to kill or stop: `ticker-process.ts REDIS_URL NAME SALE`.
 * Prints `ready`, and a line for every tick that admitted a buyer.
 */
const [, , url = '', name = '', sale = ''] = process.argv
const log = silentLogger
const redis = createRedis({ url, name, role: 'scripts', log })
const guard = trackRunId(redis)
await waitUntilReady(redis, AbortSignal.timeout(20_000))
await guard.known(AbortSignal.timeout(10_000))
const line = createLineRedis({ redis, guard })
const registry = createRegistry({ line, process: name })
const ticker = createTicker({
  line,
  sales: { ids: () => new Set([sale]), restore: async () => true, forget: () => undefined },
  registry,
  failures: createTickFailures({ log, count: () => undefined }),
  log,
  kid: () => 'kid',
  rateShare: () => 1,
  latestDeadlineMs: Date.now,
  onTick: (_, { admitted }) => {
    if (admitted.length > 0) process.stdout.write('admitted\n')
  },
  onDue: () => undefined,
  onOver: async () => true,
})
ticker.start()
process.stdout.write('ready\n')
process.once('SIGTERM', async () => {
  await ticker.stop()
  await closeRedis(redis)
})
