import type { Log } from '@floodgate/runtime'
import { Counter, Gauge, type Registry } from 'prom-client'
import { gaugeWaiting } from './letters/gauge-waiting.ts'
import type { DeadLetters } from './letters/port.ts'
import type { EventBus, Subscription } from './port.ts'

const SECOND_MS = 1_000

/**
 * Wraps a bus to measure its subscriptions and dead letters: `floodgate_dead_letters_total`,
 * `floodgate_dead_letters_waiting`, `floodgate_dead_letter_replays_total`, `floodgate_dead_letters_dropped_total`,
 * `floodgate_consumer_lag` and `floodgate_consumer_behind_seconds`, by group. Once per registry.
 */
export function measureBus(bus: EventBus, registry: Registry, log: Log): EventBus {
  const registers = [registry]
  const deadLetters = new Counter({
    name: 'floodgate_dead_letters_total',
    help: 'Events set aside because they could not be handled',
    labelNames: ['group', 'topic', 'type'],
    registers,
  })
  const subscriptions = new Map<Subscription, string>()
  /** Reads the worst value of each group over its subscriptions in this process. */
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
  gaugeWaiting(bus, { registry, log, groups: () => new Set(subscriptions.values()) })
  return {
    ...bus,
    deadLetters: countActs(bus, registry),
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

/** Wraps access to dead letters so that replays and drops are counted. */
function countActs(bus: EventBus, registry: Registry) {
  const registers = [registry]
  const replays = new Counter({
    name: 'floodgate_dead_letter_replays_total',
    help: 'Dead letters that an operator replayed, by outcome',
    labelNames: ['group', 'outcome'],
    registers,
  })
  const drops = new Counter({
    name: 'floodgate_dead_letters_dropped_total',
    help: 'Dead letters that an operator gave up',
    labelNames: ['group'],
    registers,
  })
  return function counted(group: string): DeadLetters {
    const letters = bus.deadLetters(group)
    return {
      ...letters,
      async replay(ids) {
        const outcomes = await letters.replay(ids)
        for (const { kind } of outcomes) replays.inc({ group, outcome: kind })
        return outcomes
      },
      async drop(ids) {
        const dropped = await letters.drop(ids)
        drops.inc({ group }, dropped.length)
        return dropped
      },
    }
  }
}
