import { pause } from '@floodgate/async'
import { createBusFromConfig, type EventBus, type Subscription, type SubscriptionHealth } from '@floodgate/event-bus'
import { createOutboxMetrics, createRelay, type Relay } from '@floodgate/outbox'
import type { ServiceDeps } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { Config } from './config.ts'
import type { LineRedis } from './redis/line-redis.ts'
import { consumeSlotEvents } from './slots/slot-events.ts'

export interface RoomBus {
  readonly deadLetters: EventBus['deadLetters']
  wakeRelay(): void
  start(): void
  stop(): Promise<void>
  health(): { ready: boolean; detail?: string }
  /** Of the subscription to orders; undefined before there is one. */
  ordersHealth(): SubscriptionHealth | undefined
}

/** The waiting room's part in the events: it publishes `sale.*` from its outbox and listens to orders for its slots. */
export function createRoomBus(
  config: Config,
  deps: ServiceDeps & {
    pool: Pool
    line: LineRedis
    restore(sale: string, kind: 'missing' | 'lost'): Promise<boolean>
  },
): RoomBus {
  const { log } = deps
  const stopping = new AbortController()
  const bus = createBusFromConfig(config, { ...deps, clientId: `waiting-room-${process.pid}` })
  const relay: Relay = createRelay({
    schema: 'rooms',
    source: '/floodgate/waiting-room',
    pool: deps.pool,
    databaseUrl: config.databaseUrl,
    bus,
    log,
    reachFailPoint: deps.reachFailPoint,
    ...createOutboxMetrics(deps.metrics),
  })
  let slots: Subscription | undefined
  let subscribing: Promise<void> = Promise.resolve()
  const subscribe = async () => {
    while (!stopping.signal.aborted && slots === undefined) {
      try {
        slots = await consumeSlotEvents({ ...deps, bus })
      } catch (error) {
        log.warn({ error }, 'can not subscribe to orders; trying again')
        await pause(1_000, stopping.signal)
      }
    }
  }
  return {
    deadLetters: bus.deadLetters,
    wakeRelay: () => relay.wake(),
    start: () => {
      relay.start()
      subscribing = subscribe()
    },
    stop: async () => {
      stopping.abort()
      const subscribed = subscribing
      await relay.stop()
      await bus.close()
      await subscribed
    },
    ordersHealth: () => slots?.health(),
    health: () => {
      if (slots === undefined) return { ready: false, detail: 'not subscribed to orders yet' }
      const consuming = slots.health()
      if (!consuming.ready) return { ready: false, detail: consuming.detail ?? 'orders are not consumed' }
      const { ready, detail } = relay.health()
      return { ready, detail }
    },
  }
}
