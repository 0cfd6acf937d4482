import { chargeability, type PublicOrderStatus } from '@floodgate/contracts'
import type { Charge } from './charge.ts'
import type { Chargeability } from './next-step.ts'

const RESPONSE_MS_MAX = 2_000

type Asked = Pick<Charge, 'orderId' | 'traceparent'>

export interface OrderCoreClient {
  /** Tells whether an order may still be charged. A missing or malformed response is never a confirmation. */
  fetchChargeability(order: Asked, signal: AbortSignal): Promise<Chargeability>
  /** Returns the state of an order; undefined where it is unknown, or the order core does not respond. */
  readOrderStatus(order: Asked, signal: AbortSignal): Promise<PublicOrderStatus | undefined>
}

export function createOrderCoreClient(options: { url: string; adminToken: string }): OrderCoreClient {
  const read = async ({ orderId, traceparent }: Asked, signal: AbortSignal) => {
    try {
      const response = await fetch(new URL(`/admin/orders/${orderId}/chargeability`, options.url), {
        headers: {
          authorization: `Bearer ${options.adminToken}`,
          ...(traceparent === null ? {} : { traceparent }),
        },
        signal: AbortSignal.any([signal, AbortSignal.timeout(RESPONSE_MS_MAX)]),
      })
      if (!response.ok) {
        await response.body?.cancel()
        return response.status === 404 ? 'unknown' : 'unreachable'
      }
      return chargeability.parse(await response.json())
    } catch {
      // Counted by its consequence: the round ends as `waiting`.
      return 'unreachable'
    }
  }

  return {
    async fetchChargeability(order, signal) {
      const said = await read(order, signal)
      if (typeof said === 'object') return said.chargeable ? 'chargeable' : 'over'
      return said === 'unknown' ? 'over' : 'unreachable'
    },
    async readOrderStatus(order, signal) {
      const said = await read(order, signal)
      return typeof said === 'object' ? said.status : undefined
    },
  }
}
