import { Counter, Gauge, type Registry } from 'prom-client'
import type { EventBus, Subscription } from './port.ts'

const SECOND_MS = 1_000

/**
 * The same bus, whose subscriptions are counted: `floodgate_dead_letters_total`, `floodgate_consumer_lag` and
 * `floodgate_consumer_behind_seconds`, by group. Once for a registry.
 */
export function measureBus(bus: EventBus, registry: Registry): EventBus {
  const registers = [registry]
  const deadLetters = new Counter({
    name: 'floodgate_dead_letters_total',
    help: 'Events that were put aside because they could not be handled',
    labelNames: ['group', 'topic', 'type'],
    registers,
  })
  const subscriptions = new Map<Subscription, string>()
  /** Of the subscriptions of a group in this process the one that is worst off. */
  function worstByGroup(read: (health: ReturnType<Subscription['health']>) => number | undefined) {
    const worst = new Map<string, number>()
    for (const [subscription, group] of subscriptions) {
      const value = read(subscription.health())
      if (value !== undefined) worst.set(group, Math.max(value, worst.get(group) ?? 0))
    }
    return worst
  }
  new Gauge({
    name: 'floodgate_consumer_lag',
    help: 'Events known to wait for a group of consumers, on the partitions of this process',
    labelNames: ['group'],
    registers,
    collect() {
      this.reset()
      for (const [group, lag] of worstByGroup(({ lag }) => lag)) this.set({ group }, lag)
    },
  })
  new Gauge({
    name: 'floodgate_consumer_behind_seconds',
    help: 'Time since a group of consumers was last known to have handled everything on the partitions of this process',
    labelNames: ['group'],
    registers,
    aggregator: 'max',
    collect() {
      this.reset()
      const behind = worstByGroup(({ caughtUpAgeMs }) => caughtUpAgeMs)
      for (const [group, ageMs] of behind) this.set({ group }, ageMs / SECOND_MS)
    },
  })
  return {
    ...bus,
    async subscribe(options) {
      const subscription = await bus.subscribe({
        ...options,
        onDeadLetter(letter) {
          const { group, topic, type } = letter
          deadLetters.inc({ group, topic, type })
          options.onDeadLetter?.(letter)
        },
      })
      subscriptions.set(subscription, options.group)
      const { stop } = subscription
      return Object.assign(subscription, {
        stop: async () => {
          subscriptions.delete(subscription)
          await stop.call(subscription)
        },
      })
    },
  }
}
