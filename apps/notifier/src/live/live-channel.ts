import type { Logger } from '@floodgate/runtime'
import { openNewsChannels } from './news-channels.ts'
import type { OrderState } from './order-state.ts'

/** One channel for all orders: one publish carries a whole batch, and each process selects what its sockets watch. */
const ORDERS = 'notifier:live'
/** Says only that payments are delayed, or no longer are; a channel of its own, which older processes do not read. */
const PAYMENTS = 'notifier:payments'

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
  const { redisUrl, log, onNews, onPayments, onConnected } = options
  const channels = openNewsChannels({
    ...{ redisUrl, name: ORDERS, log, onConnected },
    onMessage: {
      [ORDERS]: (message: string) => onNews(JSON.parse(message) as OrderState[]),
      [PAYMENTS]: onPayments,
    },
  })
  return {
    tell: (states) => channels.publish(ORDERS, JSON.stringify(states)),
    tellPayments: () => channels.publish(PAYMENTS, ''),
    ready: channels.ready,
    close: channels.close,
  }
}
