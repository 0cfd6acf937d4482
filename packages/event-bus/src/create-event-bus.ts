import { createKafkaBus, type KafkaBusOptions } from './kafka/kafka-bus.ts'
import type { EventBus } from './port.ts'
import { createRedisBus, type RedisBusOptions } from './redis/redis-bus.ts'

export type EventBusOptions = RedisBusOptions | KafkaBusOptions

/**
 * Opens the bus. Returns at once and connects in the background; `health()` tells when it is connected. Close it at the
 * end.
 */
export function createEventBus(options: EventBusOptions): EventBus {
  return options.kind === 'redis' ? createRedisBus(options) : createKafkaBus(options)
}
