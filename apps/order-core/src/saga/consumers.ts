import { pause } from '@floodgate/async'
import type { EventBus, SubscribeOptions, Subscription } from '@floodgate/event-bus'
import type { Logger } from '@floodgate/runtime'
import { isNotNow } from '../parked/is-not-now.ts'

export interface Consumers {
  start(): void
  stop(): Promise<void>
  health(): { readonly ready: boolean; readonly detail?: string }
}

const SUBSCRIBE_AGAIN_MS = 1_000

/** Keeps subscriptions alive from start to stop; a bus that is not there yet is asked again every second. */
export function createConsumers(options: {
  bus: EventBus
  subscriptions: readonly Pick<SubscribeOptions, 'group' | 'topics' | 'types' | 'handle'>[]
  log: Logger
}): Consumers {
  const stopping = new AbortController()
  const stopped = Promise.withResolvers<undefined>()
  const joined = new Map<string, Subscription>()
  let allJoined: Promise<unknown> = Promise.resolve()

  const join = async (subscription: (typeof options.subscriptions)[number]) => {
    while (!stopping.signal.aborted) {
      try {
        const joining = options.bus.subscribe({ ...subscription, isRetriable: isNotNow })
        const one = await Promise.race([joining, stopped.promise])
        // A bus that is away joins nobody: the one that is still joining ends with the bus.
        if (one !== undefined) joined.set(subscription.group, one)
        return
      } catch (error) {
        options.log.warn({ group: subscription.group, error }, 'could not join the consumers; trying again')
      }
      await pause(SUBSCRIBE_AGAIN_MS, stopping.signal)
    }
  }

  return {
    start: () => {
      allJoined = Promise.all(options.subscriptions.map(join))
    },
    stop: async () => {
      stopping.abort()
      stopped.resolve(undefined)
      await allJoined
      await Promise.all([...joined.values()].map((subscription) => subscription.stop()))
    },
    health: () => {
      const idle = options.subscriptions.flatMap(({ group }) => {
        const health = joined.get(group)?.health() ?? { ready: false, detail: 'has not joined yet' }
        return health.ready ? [] : [`${group}: ${health.detail ?? 'does not consume'}`]
      })
      return idle.length === 0 ? { ready: true } : { ready: false, detail: idle.join('; ') }
    },
  }
}
