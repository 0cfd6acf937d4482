import type { Log } from '@floodgate/runtime'
import type { Registry } from 'prom-client'
import { createEventBus } from './create-event-bus.ts'
import { measureBus } from './measure-bus.ts'
import type { EventBus } from './port.ts'

/** The settings of the bus, as every app has them. */
export interface BusConfig {
  readonly bus: 'redis' | 'kafka'
  readonly kafkaBrokers: readonly string[]
  readonly redisUrl: string
}

export interface BusDeps {
  /** How the servers list this process. */
  readonly clientId: string
  readonly log: Log
  readonly metrics: Registry
  onFatal(error: unknown): void
}

/** Opens the bus that the configuration names, measured (see `measureBus`). As {@link createEventBus}, it returns at once. */
export function createBusFromConfig(config: BusConfig, { clientId, log, metrics, onFatal }: BusDeps): EventBus {
  const { bus: kind, kafkaBrokers: brokers, redisUrl } = config
  const bus = createEventBus(
    kind === 'kafka' ? { kind, brokers, clientId, log, onFatal } : { kind, redisUrl, clientId, log },
  )
  return measureBus(bus, metrics, log)
}
