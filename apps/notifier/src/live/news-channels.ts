import { closeRedis, createRedis, isReady, openRedis } from '@floodgate/redis'
import type { Logger } from '@floodgate/runtime'

export interface NewsChannels<Name extends string> {
  /** Publishes to every process, including this one. A read after the reconnect makes up for a lost message. */
  publish(channel: Name, message: string): Promise<void>
  ready(): boolean
  close(): Promise<void>
}

/**
 * Carries messages between the notifier's processes by Redis pub/sub. Calls `onConnected` at each (re)connect: messages
 * may have been missed.
 */
export function openNewsChannels<Name extends string>(options: {
  redisUrl: string
  /** Names the connections. */
  name: string
  log: Logger
  /** What each channel's messages are for. */
  onMessage: Readonly<Record<Name, (message: string) => void>>
  onConnected(): void
}): NewsChannels<Name> {
  const { redisUrl: url, name, log } = options
  const handlers = new Map<string, (message: string) => void>(Object.entries(options.onMessage))
  const [key = name] = handlers.keys()
  const publisher = openRedis({ url, name, role: 'commands', log })
  const subscriber = createRedis({ url, name: `${name}-subscriber`, role: 'subscriber', key, log })
  let subscribed = false
  subscriber.on('message', (channel, message: string) => handlers.get(channel)?.(message))
  subscriber.on('ready', () => {
    subscriber.subscribe(...handlers.keys()).then(
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
    publish: async (channel, message) => {
      await publisher.publish(channel, message)
    },
    ready: () => subscribed && isReady(publisher, key),
    close: async () => {
      await Promise.all([closeRedis(publisher), closeRedis(subscriber)])
    },
  }
}
