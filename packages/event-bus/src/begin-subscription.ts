import { Stopped } from './errors.ts'
import type { EventBus, SubscribeOptions, Subscription, SubscriptionHealth } from './port.ts'

const NOT_JOINED: SubscriptionHealth = {
  ready: false,
  lastPollAgeMs: Number.POSITIVE_INFINITY,
  detail: 'has not joined yet',
}

/**
 * Subscribes without waiting for the bus: while the server is unavailable the bus itself retries to join the group.
 * Until then the subscription is not ready. One that is stopped while it joins ends with the bus at the latest.
 */
export function beginSubscription(bus: Pick<EventBus, 'subscribe'>, options: SubscribeOptions): Subscription {
  let joined: Subscription | undefined
  let isPaused = false
  let isStopped = false
  async function join(): Promise<void> {
    try {
      joined = await bus.subscribe(options)
    } catch (error) {
      // Only a closed bus rejects; any other error ends the process.
      if (!(error instanceof Stopped)) throw error
    }
    if (isPaused) joined?.pause()
    if (isStopped) await joined?.stop()
  }
  void join()
  return {
    pause() {
      isPaused = true
      joined?.pause()
    },
    resume() {
      isPaused = false
      joined?.resume()
    },
    async stop() {
      isStopped = true
      await joined?.stop()
    },
    health: () => joined?.health() ?? NOT_JOINED,
  }
}
