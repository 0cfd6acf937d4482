import { setTimeout as delay } from 'node:timers/promises'
import type { PreparedOrder } from '../order-load/prepare-orders.ts'

/** Used for a response without `Retry-After`. */
const RETRY_SECONDS = 1

export interface Arrived {
  readonly accepted: number
  readonly rejections: number
}

export interface Arrivals {
  /** Stops starting buyers, and resolves once all have their order. */
  finish(): Promise<Arrived>
}

/**
 * Starts buyers at a steady rate; they retry with their key, at the time of `Retry-After`, until they have their order.
 */
export function startArrivals(
  orders: readonly PreparedOrder[],
  { url, perSecond, signal }: { readonly url: string; readonly perSecond: number; readonly signal: AbortSignal },
): Arrivals {
  const buyers: Promise<void>[] = []
  let rejections = 0
  let isOver = false
  async function buy({ admission, key, body }: PreparedOrder): Promise<void> {
    const headers = { authorization: `Bearer ${admission}`, 'idempotency-key': key, 'content-type': 'application/json' }
    for (;;) {
      const response = await fetch(`${url}/orders`, { method: 'POST', headers, body, signal })
      const text = await response.text()
      if (response.status === 201) return
      // 408: a busy machine delayed the request itself.
      if (response.status !== 503 && response.status !== 408) throw new Error(`A buyer got ${response.status}: ${text}`)
      rejections += 1
      const seconds = Number(response.headers.get('retry-after') ?? RETRY_SECONDS)
      // Spread over the second.
      await delay((0.5 + Math.random()) * seconds * 1_000, undefined, { signal })
    }
  }
  async function arrive(): Promise<void> {
    for (const order of orders) {
      if (isOver) return
      const buyer = buy(order)
      // Rethrown by `finish`.
      buyer.catch(() => undefined)
      buyers.push(buyer)
      await delay(1_000 / perSecond, undefined, { signal })
    }
  }
  const arriving = arrive()
  arriving.catch(() => undefined)
  return {
    async finish() {
      isOver = true
      await arriving
      await Promise.all(buyers)
      return { accepted: buyers.length, rejections }
    },
  }
}
