import { notifierRoutes } from '@floodgate/contracts'
import type { EventBus, Subscription } from '@floodgate/event-bus'
import { type BesideOthers, besideOthers, type CountLimited, type Route, rejectWithoutUpgrade } from '@floodgate/http'
import { closeRedis, isRedisUnavailable, openRedis } from '@floodgate/redis'
import { AppError, type Logger } from '@floodgate/runtime'
import { openNewsChannels } from '../live/news-channels.ts'
import { consumeStock } from './consume-stock.ts'
import { createStockBoards } from './stock-boards.ts'
import { createStockHub, createStockSocketRoute, stockBoardRoute } from './stock-hub.ts'
import { type LevelsChange, readLevels } from './stock-store.ts'

/** One channel for all sales. */
const CHANNEL = 'notifier:stock'

export interface LiveStock {
  /** Served from memory, on the fast path. */
  readonly boardRoute: Route
  /** What requests without an upgrade get at the path of the sockets. */
  readonly otherRoutes: readonly Route[]
  readonly sockets: BesideOthers
  subscribe(bus: EventBus): Subscription
  ready(): boolean
  /** Number of open sockets. */
  count(): number
  close(): Promise<void>
}

/** Wires the stock of all sales: events to the store, the store to the boards of each process, boards to readers. */
export function openLiveStock(options: {
  readonly redisUrl: string
  readonly socketsMax: number
  readonly log: Logger
  readonly countLimited: CountLimited
  /** Called when boards could not be read again. */
  onReadFailed(error: unknown): void
}): LiveStock {
  const { redisUrl, socketsMax, log, countLimited, onReadFailed } = options
  const redis = openRedis({ url: redisUrl, name: 'notifier:stock-store', role: 'scripts', log })
  const hub = createStockHub()
  const boards = createStockBoards({
    read: (sale) =>
      readLevels(redis, sale).catch((cause: unknown) => {
        throw isRedisUnavailable(cause) ? new AppError('unavailable', { cause, retryAfterSeconds: 2 }) : cause
      }),
    onChanged: hub.onChanged,
    isWatched: hub.isWatched,
    onReadFailed,
  })
  const channels = openNewsChannels({
    ...{ redisUrl, name: CHANNEL, log, onConnected: boards.readAgain },
    onMessage: {
      [CHANNEL]: (message: string) => {
        for (const change of JSON.parse(message) as LevelsChange[]) boards.onChange(change)
      },
    },
  })
  return {
    boardRoute: stockBoardRoute(boards),
    otherRoutes: [rejectWithoutUpgrade(notifierRoutes.watchStock)],
    sockets: besideOthers(createStockSocketRoute({ boards, hub, socketsMax, countLimited })),
    subscribe: (bus) =>
      consumeStock({ bus, redis, publish: (changes) => channels.publish(CHANNEL, JSON.stringify(changes)) }),
    ready: channels.ready,
    count: hub.count,
    close: async () => {
      await Promise.all([channels.close(), closeRedis(redis)])
    },
  }
}
