import { type KafkaConfig, kafkaContradictions } from './kafka-settings.ts'
import { type ListenerSettings, listenerContradictions } from './listener-contradictions.ts'

/** Returns what can never work about the settings that every app has. Pure. */
export function appContradictions(
  config: ListenerSettings & KafkaConfig & { readonly bus: string },
): readonly string[] {
  return [...listenerContradictions(config), ...kafkaContradictions(config)]
}
