import { closeRedis, createRedis, isReady, openRedis } from '@floodgate/redis'
import type { Logger } from '@floodgate/runtime'
import type { OrderState } from './order-state.ts'

/** One channel for all orders: one publish carries a whole batch, and each process selects what its sockets watch. */
const channel = 'notifier:live'
/** Says only that payments are delayed, or no longer are; a channel of its own, which older processes do not read. */
const paymentsChannel = 'notifier:payments'

export interface LiveChannel {
  /** Publishes to every process, including this one. A read after the reconnect makes up for a lost message. */
  tell(states: readonly OrderState[]): Promise<void>
  /** Publishes to every process that payments are delayed, or no longer are. */
  tellPayments(): Promise<void>
  ready(): boolean
  close(): Promise<void>
}

/**
 * Carries news between the notifier's processes by Redis pub/sub. Calls `onConnected` at each (re)connect: messages may
 * have been missed.
 */
export function openLiveChannel(options: {
  redisUrl: string
  log: Logger
  onNews(states: readonly OrderState[]): void
  /** Called when payments become delayed, or no longer are. */
  onPayments(): void
  onConnected(): void
}): LiveChannel {
  const { redisUrl: url, log } = options
  const publisher = openRedis({ url, name: 'notifier:live', role: 'commands', log })
  const subscriber = createRedis({ url, name: 'notifier:live-subscriber', role: 'subscriber', key: channel, log })
  let subscribed = false
  subscriber.on('message', (from, message: string) => {
    if (from === paymentsChannel) options.onPayments()
    else options.onNews(JSON.parse(message) as OrderState[])
  })
  subscriber.on('ready', () => {
    subscriber.subscribe(channel, paymentsChannel).then(
      () => {
        subscribed = true
        options.onConnected()
      },
      (error: unknown) => log.warn({ error }, 'live channel not subscribed; next connection retries'),
    )
  })
  subscriber.on('close', () => {
    subscribed = false
  })
  return {
    tell: async (states) => {
      await publisher.publish(channel, JSON.stringify(states))
    },
    tellPayments: async () => {
      await publisher.publish(paymentsChannel, '')
    },
    ready: () => subscribed && isReady(publisher, channel),
    close: async () => {
      await Promise.all([closeRedis(publisher), closeRedis(subscriber)])
    },
  }
}
