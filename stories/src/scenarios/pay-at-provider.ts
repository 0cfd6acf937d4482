import { bodyOf, createClient } from '@floodgate/client'
import { orderCoreRoutes } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { expect } from 'vitest'
import type { Buyer } from '../client/buyer.ts'
import type { TestSystem } from '../client/test-system.ts'

/** A buyer whom the provider's page has sent back. */
export interface ComingBack {
  readonly id: string
  /** What the provider added to the address. */
  readonly proof: Readonly<Record<string, string>>
}

/** Orders, and waits for the address of the page on which the buyer has to continue. */
export async function orderUntilRedirect(buyer: Buyer, paymentMethod: string) {
  const { id } = await buyer.order({ paymentMethod })
  const redirectUrl = await eventually(async () => {
    const { payment } = await buyer.readOrder(id)
    if (payment === undefined) throw new Error(`order ${id} shows no page of the provider yet`)
    return payment.redirectUrl
  })
  return { id, redirectUrl }
}

/** Orders, and decides on the provider's page as `decide` does, which returns its response. */
export async function orderAndDecide(
  buyer: Buyer,
  paymentMethod: string,
  decide: (redirectUrl: string) => Promise<Response>,
): Promise<ComingBack> {
  const { id, redirectUrl } = await orderUntilRedirect(buyer, paymentMethod)
  const response = await decide(redirectUrl)
  const { payment, ...proof } = Object.fromEntries(new URL(response.headers.get('location') ?? '').searchParams)
  expect(payment).toBe(id)
  return { id, proof }
}

/** Reports the return of the buyer, as the page does. */
export function comeBack(system: TestSystem, buyer: Buyer, { id, proof }: ComingBack) {
  const cores = createClient(orderCoreRoutes, { send: system.cores })
  return bodyOf(cores.resumePayment({ params: { id }, bearer: buyer.admission(), body: { proof } }))
}
