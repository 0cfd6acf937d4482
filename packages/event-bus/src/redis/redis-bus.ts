import { closeRedis, createRedis, isCluster, isReady, openRedis, trackRunId, waitUntilReady } from '@floodgate/redis'
import type { Log } from '@floodgate/runtime'
import { Stopped } from '../errors.ts'
import { createDeadLetters } from '../letters/create-dead-letters.ts'
import { createMembers } from '../letters/members.ts'
import type { EventBus } from '../port.ts'
import { BUS_KEY, busKeys } from './keys.ts'
import { createRedisLetterStore } from './letter-store.ts'
import { publish } from './publish.ts'
import { type RedisSubscription, subscribeOnRedis } from './redis-subscription.ts'

export interface RedisBusOptions {
  readonly kind: 'redis'
  readonly redisUrl: string
  /** Names this process's connections, consumers and log lines. */
  readonly clientId: string
  /** Events in a partition at which publishing fails with BusFull. Default 50,000 (about 50 MB). */
  readonly eventsPerPartitionMax?: number
  /** How long acknowledged events are kept for a group that starts later than the others. Default one minute. */
  readonly keepAcknowledgedMs?: number
  readonly log: Log
}

const EVENTS_PER_PARTITION_MAX = 50_000
const KEEP_ACKNOWLEDGED_MS = 60_000
/** How long a call waits for a connection in progress. */
const CONNECTION_WAIT_MS = 1_000

/**
 * Creates the bus on Redis streams, for one machine: three streams per topic, and per group and partition one owner by
 * a lease and one offset. The ADR on the Redis bus says why it does not use Redis' own consumer groups.
 */
export function createRedisBus(options: RedisBusOptions): EventBus {
  const { redisUrl: url, clientId, log } = options
  const bounds = {
    eventsPerPartitionMax: options.eventsPerPartitionMax ?? EVENTS_PER_PARTITION_MAX,
    keepAcknowledgedMs: options.keepAcknowledgedMs ?? KEEP_ACKNOWLEDGED_MS,
  }
  const redis = openRedis({ url, name: `${clientId}:bus`, role: 'scripts', log })
  const bus = { redis, keys: busKeys({ inOneSlot: isCluster(redis) }) }
  const subscriptions = new Set<RedisSubscription>()
  const members = createMembers()
  const closing = new AbortController()
  const guard = trackRunId(redis)
  guard.onRestart((restart) => {
    if (restart.of(BUS_KEY) === undefined) return
    log.warn({ clientId }, 'Redis restarted: events of its last second may be lost')
    for (const subscription of subscriptions) subscription.reload()
  })
  const connected = async (signal: AbortSignal = closing.signal): Promise<void> => {
    closing.signal.throwIfAborted()
    if (isReady(redis, BUS_KEY)) return
    const waited = AbortSignal.any([signal, closing.signal, AbortSignal.timeout(CONNECTION_WAIT_MS)])
    await waitUntilReady(redis, waited)
  }

  return {
    kind: 'redis',
    async publish(events, signal) {
      signal?.throwIfAborted()
      if (events.length === 0) return
      await connected(signal)
      await publish(bus, events, bounds)
    },
    async subscribe(subscribeOptions) {
      // Redis is unavailable: the subscription begins by itself when it is back.
      await connected().catch(() => closing.signal.throwIfAborted())
      const name = `${clientId}:${subscribeOptions.group}`
      const blocking = createRedis({ url, name, role: 'blocking', key: BUS_KEY, log })
      const member = members.begin(subscribeOptions)
      const joined = await subscribeOnRedis({ bus, blocking, clientId, gate: member.gate, log }, subscribeOptions)
      const subscription = members.until(joined, member)
      subscriptions.add(subscription)
      return subscription
    },
    deadLetters: (group) =>
      createDeadLetters({
        group,
        store: createRedisLetterStore(bus, group),
        member: () => members.of(group),
        closing: closing.signal,
        log,
      }),
    health: () => (isReady(redis, BUS_KEY) ? { ready: true } : { ready: false, detail: `Redis: ${redis.status}` }),
    storeRun: () => guard.current(BUS_KEY),
    async close() {
      closing.abort(new Stopped('The bus is closed.'))
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()))
      await closeRedis(redis)
    },
  }
}
