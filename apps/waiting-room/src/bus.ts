import { createBusFromConfig, type EventBus, type Subscription, type SubscriptionHealth } from '@floodgate/event-bus'
import { createOutboxMetrics, createRelay, type Relay } from '@floodgate/outbox'
import type { ServiceDeps } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { Config } from './config.ts'
import type { LineRedis } from './redis/line-redis.ts'
import type { RecentActs } from './sales/recent-acts.ts'
import { consumeStockEvents, SUPPLY_GROUP } from './sales/supply-events.ts'
import { consumeSlotEvents, GROUP } from './slots/slot-events.ts'

/** The consumer groups of the waiting room. */
export const GROUPS: readonly string[] = [GROUP, SUPPLY_GROUP]

export interface RoomBus {
  readonly deadLetters: EventBus['deadLetters']
  wakeRelay(): void
  start(): void
  stop(): Promise<void>
  health(): { ready: boolean; detail?: string }
  /** Health of the subscription to orders; undefined before it exists. */
  ordersHealth(): SubscriptionHealth | undefined
}

/**
 * Creates the waiting room's side of the bus: it publishes `sale.*` from its outbox, and consumes orders for its slots and
 * the stock of its sales.
 */
export function createRoomBus(
  config: Config,
  deps: ServiceDeps & {
    pool: Pool
    line: LineRedis
    recentActs: Pick<RecentActs, 'noteChange'>
    restore(sale: string, kind: 'missing' | 'lost'): Promise<boolean>
  },
): RoomBus {
  const bus = createBusFromConfig(config, {
    ...{ ...deps, clientId: `waiting-room-${process.pid}`, groups: GROUPS },
  })
  const relay: Relay = createRelay({
    schema: 'rooms',
    source: '/floodgate/waiting-room',
    pool: deps.pool,
    databaseUrl: config.databaseUrl,
    bus,
    log: deps.log,
    reachFailPoint: deps.reachFailPoint,
    ...createOutboxMetrics(deps.metrics),
  })
  let slots: Subscription | undefined
  let supply: Subscription | undefined
  return {
    deadLetters: bus.deadLetters,
    wakeRelay: () => relay.wake(),
    start: () => {
      relay.start()
      slots = consumeSlotEvents({ ...deps, bus })
      supply = consumeStockEvents({ ...deps, bus })
    },
    stop: async () => {
      await relay.stop()
      await Promise.all([slots?.stop(), supply?.stop()])
      await bus.close()
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
