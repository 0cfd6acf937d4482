import type { SocketConnection } from '@floodgate/http'
import type { OrderState } from './order-state.ts'

export interface Watcher {
  readonly orderId: string
  readonly buyer: string
  readonly sale: string
  readonly connection: SocketConnection
}

/** RFC 6455 §7.4.1: the endpoint received something that breaks its policy. */
const CLOSE_POLICY_VIOLATION = 1008

/** What a socket got last. */
interface Delivered {
  readonly version: number
  readonly isDelayed: boolean
}

const NOTHING: Delivered = { version: 0, isDelayed: false }

/**
 * Tracks the sockets of this process by order. Each gets only news: the version never falls, and repeats only where
 * payments became delayed or no longer are.
 */
export function createLiveHub() {
  const byOrder = new Map<string, Map<Watcher, Delivered>>()

  const deliverTo = (watchers: Map<Watcher, Delivered>, watcher: Watcher, state: OrderState) => {
    // The socket opened before the order was known here; now the order turns out to be another buyer's.
    if (watcher.buyer !== state.buyer || watcher.sale !== state.sale)
      return watcher.connection.close(CLOSE_POLICY_VIOLATION, 'not found')
    const known = watchers.get(watcher) ?? NOTHING
    const isDelayed = state.body.paymentDelayed === true
    if (known.version > state.version) return
    if (known.version === state.version && known.isDelayed === isDelayed) return
    watchers.set(watcher, { version: state.version, isDelayed })
    watcher.connection.push(JSON.stringify(state.body))
  }

  return {
    /** Returns the function that ends the watching. */
    watch: (watcher: Watcher): (() => void) => {
      const watchers = byOrder.get(watcher.orderId) ?? new Map<Watcher, Delivered>()
      byOrder.set(watcher.orderId, watchers)
      watchers.set(watcher, NOTHING)
      return function unwatch() {
        watchers.delete(watcher)
        if (watchers.size === 0 && byOrder.get(watcher.orderId) === watchers) byOrder.delete(watcher.orderId)
      }
    },
    deliver: (states: readonly OrderState[]): void => {
      for (const state of states) {
        const watchers = byOrder.get(state.orderId)
        if (watchers === undefined) continue
        for (const watcher of [...watchers.keys()]) deliverTo(watchers, watcher, state)
      }
    },
    /** Returns the orders that are watched here. */
    orders: (): string[] => [...byOrder.keys()],
    count: (): number => [...byOrder.values()].reduce((sum, watchers) => sum + watchers.size, 0),
  }
}

export type LiveHub = ReturnType<typeof createLiveHub>
