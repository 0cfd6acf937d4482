import { closeRedis, createRedis, waitUntilReady } from '@floodgate/redis'
import type { EventBusOptions } from './create-event-bus.ts'
import type { DeadLetter } from './delivery/dead-letter.ts'
import { readKafkaDeadLetters } from './kafka/dead-letters.ts'
import { createKafkaClient } from './kafka/kafka-client.ts'
import { readRedisDeadLetters } from './redis/dead-letters.ts'

export type { DeadLetter } from './delivery/dead-letter.ts'

/** The dead letters of a group so far, oldest first. For tests: it opens connections of its own each time. */
export async function readDeadLetters(options: EventBusOptions, group: string): Promise<DeadLetter[]> {
  if (options.kind === 'kafka') return await readKafkaDeadLetters(createKafkaClient(options), group)
  const redis = createRedis({ url: options.redisUrl, name: 'dead-letters', role: 'commands', log: options.log })
  try {
    await waitUntilReady(redis, AbortSignal.timeout(60_000))
    return await readRedisDeadLetters(redis, group)
  } finally {
    await closeRedis(redis)
  }
}
