import type { FloodgateEvent } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { createEventBus, type EventBusOptions } from '../create-event-bus.ts'
import type { EventBus, SubscribeOptions, Subscription } from '../port.ts'
import type { BystanderTask } from './bystander.ts'
import { createSamples, type Samples } from './sample-events.ts'

/** The suite's own server, to kill and restart. */
export interface ConformanceServer {
  /** Options for a bus on it. */
  readonly options: BystanderTask['bus']
  kill(): Promise<void>
  restart(): Promise<void>
  remove(): Promise<void>
}

/** The buses and consumers of one test; `clear` closes them all. */
export interface ConformanceFixture extends Samples {
  readonly busOptions: EventBusOptions
  bus(): EventBus
  /** Subscribes to the sales' topic in the fixture's group and records what is handled without an error. */
  consumer(bus: EventBus, options?: Partial<SubscribeOptions>): Promise<Consumer>
  clear(): Promise<void>
}

export interface Consumer {
  readonly subscription: Subscription
  /** Ids of this fixture's events, in the order in which they were handled, including repetitions. */
  readonly handled: string[]
  /** Waits until each of these was handled at least once. */
  hasHandled(ids: readonly string[]): Promise<void>
}

export function createFixture(server: ConformanceServer): ConformanceFixture {
  const samples = createSamples()
  const fatal: Error[] = []
  const common = { clientId: 'conformance', log: { info: silent, warn: silent, error: silent } }
  const busOptions: EventBusOptions =
    server.options.kind === 'redis'
      ? { ...common, ...server.options }
      : { ...common, ...server.options, onFatal: (error) => void fatal.push(error) }
  const buses: EventBus[] = []

  return {
    ...samples,
    busOptions,
    bus() {
      const bus = createEventBus(busOptions)
      buses.push(bus)
      return bus
    },
    async consumer(bus, options = {}) {
      const handled: string[] = []
      const subscription = await bus.subscribe({
        group: samples.group,
        topics: ['floodgate.sales'],
        ...options,
        async handle(batch, context) {
          const ours = batch.filter(samples.isOurs)
          if (ours.length > 0) await options.handle?.(ours, context)
          handled.push(...ours.map(idOf))
        },
      })
      const hasHandled = async (ids: readonly string[]): Promise<void> => {
        await eventually(() => expectAll(handled, ids))
      }
      return { subscription, handled, hasHandled }
    },
    async clear() {
      await Promise.all(buses.splice(0).map((bus) => bus.close()))
      if (fatal[0] !== undefined) throw fatal[0]
    },
  }
}

const silent = (): void => undefined
const idOf = ({ id }: FloodgateEvent): string => id

function expectAll(handled: readonly string[], ids: readonly string[]): void {
  const seen = new Set(handled)
  const missing = ids.filter((id) => !seen.has(id))
  if (missing.length > 0)
    throw new Error(`${missing.length} of ${ids.length} events are missing: ${missing.slice(0, 5)}`)
}
