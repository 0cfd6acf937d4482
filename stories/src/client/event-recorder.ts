import { type EventOf, type EventType, eventGuard, type FloodgateEvent } from '@floodgate/contracts'
import type { System } from '@floodgate/dev/system'
import { createBusFromConfig, type DeadLetterNotice } from '@floodgate/event-bus'
import { busSettings, defineConfig, loadConfig, redisUrlSetting } from '@floodgate/runtime'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { Registry } from 'prom-client'

const GROUP = 'stories.witness'
const definition = defineConfig({
  app: 'witness',
  summary: 'Consumes every event of a story.',
  settings: { ...busSettings, redisUrl: redisUrlSetting },
})

type PaymentNews = EventOf<'payment.delayed.v1' | 'payment.resumed.v1'>
const isPaymentNews = eventGuard(['payment.delayed.v1', 'payment.resumed.v1'])

/** Consumes the bus like one more app; the bus parses every event with the contract's strict schema first. */
export interface EventRecorder {
  /** Returns every event about an order, in the order of its versions, without repetitions. */
  eventsOf(order: string): readonly FloodgateEvent[]
  /** Counts the orders of a sale with an event of this type. */
  countOrders(type: EventType, sale: string): number
  /** Returns all news about delayed payments so far, in the order of their versions, without repetitions. */
  payments(): readonly PaymentNews[]
  /** Returns everything that was published, as text. */
  published(): string
  /** Unreadable events, of which there should be none. */
  readonly unreadable: readonly DeadLetterNotice[]
  close(): Promise<void>
}

/** Connects to the bus with the settings of an app. */
export async function startEventRecorder(system: Pick<System, 'environmentOf'>): Promise<EventRecorder> {
  const loaded = loadConfig(definition, { argv: [], env: system.environmentOf('order-core') })
  if (loaded.kind !== 'config') throw new Error(JSON.stringify(loaded))
  const deps = { clientId: 'witness', groups: [GROUP], log: silentLogger, metrics: new Registry(), onFatal() {} }
  const bus = createBusFromConfig(loaded.config, deps)
  const seen = new Map<string, Map<string, FloodgateEvent>>()
  const told = new Map<string, Set<string>>()
  const unreadable: DeadLetterNotice[] = []
  const published: string[] = []
  const payments = new Map<number, PaymentNews>()
  await bus.subscribe({
    group: GROUP,
    topics: ['floodgate.sales', 'floodgate.orders', 'floodgate.payments', 'floodgate.admissions'],
    async handle(batch) {
      for (const event of batch) {
        published.push(JSON.stringify(event))
        if (isPaymentNews(event)) payments.set(event.aggregateVersion, event)
        if (!('order' in event.data)) continue
        const { order, sale } = event.data
        const orders = told.get(`${event.type} ${sale}`) ?? new Set()
        told.set(`${event.type} ${sale}`, orders.add(order))
        const known = seen.get(order) ?? new Map<string, FloodgateEvent>()
        seen.set(order, known.set(`${event.source} ${event.id}`, event))
      }
    },
    onDeadLetter: (letter) => unreadable.push(letter),
  })
  return {
    eventsOf: (order) => [...(seen.get(order)?.values() ?? [])],
    countOrders: (type, sale) => told.get(`${type} ${sale}`)?.size ?? 0,
    payments: () => [...payments].toSorted(([a], [b]) => a - b).map(([, news]) => news),
    published: () => published.join('\n'),
    unreadable,
    close: () => bus.close(),
  }
}
