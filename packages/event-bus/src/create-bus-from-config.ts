import type { KafkaConfig, Log } from '@floodgate/runtime'
import type { Registry } from 'prom-client'
import { createEventBus } from './create-event-bus.ts'
import { kafkaOptionsOf } from './kafka/kafka-options.ts'
import { measureBus } from './measure-bus.ts'
import type { EventBus } from './port.ts'

/** The settings of the bus, common to all apps. */
export interface BusConfig extends KafkaConfig {
  readonly bus: 'redis' | 'kafka'
  readonly redisUrl: string
}

export interface BusDeps {
  /** The name of this process at the servers. */
  readonly clientId: string
  /** Every group in which this app consumes. */
  readonly groups: readonly string[]
  readonly log: Log
  readonly metrics: Registry
  onFatal(error: unknown): void
}

/**
 * Opens the configured bus, measured (see `measureBus`). Returns at once, like {@link createEventBus}. Throws a
 * `ConfigurationError` when the settings name files that cannot be used.
 */
export function createBusFromConfig(config: BusConfig, deps: BusDeps): EventBus {
  const { clientId, groups, log, metrics, onFatal } = deps
  const { bus: kind, redisUrl } = config
  const bus = createEventBus(
    kind === 'kafka'
      ? { kind, ...kafkaOptionsOf({ ...config, bus: kind }), clientId, groups, log, onFatal }
      : { kind, redisUrl, clientId, log },
  )
  return measureBus(bus, metrics, log)
}
