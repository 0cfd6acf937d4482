import { chargeability } from '@floodgate/contracts'
import type { Charge } from './charge.ts'
import type { Chargeability } from './next-step.ts'

const RESPONSE_MS_MAX = 2_000

/**
 * Asks the order core whether an order may still be charged. A missing or malformed response is never a confirmation.
 */
export function createOrderCoreClient(options: { url: string; adminToken: string }) {
  return async function readChargeability(
    { orderId, traceparent }: Pick<Charge, 'orderId' | 'traceparent'>,
    signal: AbortSignal,
  ): Promise<Chargeability> {
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
        return response.status === 404 ? 'over' : 'unreachable'
      }
      const parsed = chargeability.parse(await response.json())
      return parsed.chargeable ? 'chargeable' : 'over'
    } catch {
      // Counted by its consequence: the round ends as `waiting`.
      return 'unreachable'
    }
  }
}

export type FetchChargeability = ReturnType<typeof createOrderCoreClient>
