import type { Log } from '@floodgate/runtime'
import type { Registry } from 'prom-client'
import { createEventBus } from './create-event-bus.ts'
import { measureBus } from './measure-bus.ts'
import type { EventBus } from './port.ts'

/** The settings of the bus, common to all apps. */
export interface BusConfig {
  readonly bus: 'redis' | 'kafka'
  readonly kafkaBrokers: readonly string[]
  readonly redisUrl: string
}

export interface BusDeps {
  /** The name of this process at the servers. */
  readonly clientId: string
  readonly log: Log
  readonly metrics: Registry
  onFatal(error: unknown): void
}

/** Opens the configured bus, measured (see `measureBus`). Returns at once, like {@link createEventBus}. */
export function createBusFromConfig(config: BusConfig, { clientId, log, metrics, onFatal }: BusDeps): EventBus {
  const { bus: kind, kafkaBrokers: brokers, redisUrl } = config
  const bus = createEventBus(
    kind === 'kafka' ? { kind, brokers, clientId, log, onFatal } : { kind, redisUrl, clientId, log },
  )
  return measureBus(bus, metrics, log)
}
