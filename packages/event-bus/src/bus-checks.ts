import type { ConnectionCheck } from '@floodgate/runtime'
import type { BusConfig } from './create-bus-from-config.ts'
import { kafkaCheck } from './kafka/kafka-check.ts'

/** Returns the checks of the configured bus, for an app that consumes in these groups; none for the Redis bus, whose server is checked by itself. */
export function busChecks(config: BusConfig, groups: readonly string[]): readonly ConnectionCheck[] {
  return config.bus === 'kafka' ? [kafkaCheck(config, groups)] : []
}
