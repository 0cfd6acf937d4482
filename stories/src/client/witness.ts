import type { FloodgateEvent } from '@floodgate/contracts'
import type { System } from '@floodgate/dev/system'
import { createEventBus, type DeadLetterNotice } from '@floodgate/event-bus'

/** Listens to the bus like one more app; the bus reads every event with the contract's strict schema before it hands it on. */
export type Witness = {
  /** Every event about an order, in the order of its versions, repetitions left out. */
  eventsOf(order: string): readonly FloodgateEvent[]
  /** What could not be read; nothing ever should be. */
  readonly unreadable: readonly DeadLetterNotice[]
  close(): Promise<void>
}

const silent = { debug() {}, info() {}, warn() {}, error() {} }

export async function callWitness(system: Pick<System, 'bus' | 'redisUrl' | 'kafkaBrokers'>): Promise<Witness> {
  const client = { clientId: 'witness', log: silent }
  const bus = createEventBus(
    system.bus === 'redis'
      ? { ...client, kind: 'redis', redisUrl: system.redisUrl }
      : { ...client, kind: 'kafka', brokers: (system.kafkaBrokers ?? '').split(','), onFatal() {} },
  )
  const seen = new Map<string, Map<string, FloodgateEvent>>()
  const unreadable: DeadLetterNotice[] = []
  await bus.subscribe({
    group: 'stories.witness',
    topics: ['floodgate.sales', 'floodgate.orders', 'floodgate.payments'],
    async handle(batch) {
      for (const event of batch) {
        if (!('order' in event.data)) continue
        const known = seen.get(event.data.order) ?? new Map<string, FloodgateEvent>()
        seen.set(event.data.order, known.set(`${event.source} ${event.id}`, event))
      }
    },
    onDeadLetter: (letter) => unreadable.push(letter),
  })
  return {
    eventsOf: (order) => [...(seen.get(order)?.values() ?? [])],
    unreadable,
    close: () => bus.close(),
  }
}
