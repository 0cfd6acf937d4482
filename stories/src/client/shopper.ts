import { setTimeout as delay } from 'node:timers/promises'
import type { Buyer } from './buyer.ts'
import { expectProblem, isProblem, pauseAfter } from './http.ts'

export interface Visit {
  readonly email: string
  readonly outcome: 'confirmed' | 'sold-out' | 'declined' | 'order-lost'
  readonly order?: string
  /** It got a voucher, and orders with it. */
  readonly hasVoucher: boolean
}

/** Until the last hold has ended in either way. */
const HELD_MS_MAX = 600_000

export interface ShoppingOptions {
  readonly paymentMethod?: string
  /** The buyer claims a voucher of this campaign, and orders with it. */
  readonly campaign?: string | undefined
  onAdmitted?(): void
  /** Called when an order is accepted, with the time since its first attempt. */
  onOrder?(id: string, ms: number): void
  /** Called when the buyer learns that the order is confirmed. */
  onConfirmed?(): void
}

/** Simulates a buyer of one unit: waits in line, claims a voucher, orders, and retries while `final` is false. */
export async function goShopping(
  buyer: Buyer,
  { paymentMethod = 'sim_ok', campaign, onAdmitted, onOrder, onConfirmed }: ShoppingOptions = {},
): Promise<Visit> {
  const { email } = buyer
  await buyer.join()
  await buyer.untilAdmitted()
  onAdmitted?.()
  const hasVoucher = campaign !== undefined && (await claimVoucher(buyer, campaign))
  let abandoned = 0
  for (const deadline = performance.now() + HELD_MS_MAX; performance.now() < deadline; ) {
    const key = abandoned === 0 ? {} : { key: `${buyer.name}-order-${abandoned}` }
    const beganAtMs = performance.now()
    const response = await buyer.insistOnOrder({ paymentMethod, ...key, ...(hasVoucher && { voucher: campaign }) })
    if (response.kind === 'success') {
      const { id } = response.body
      onOrder?.(id, performance.now() - beganAtMs)
      const { status, cancelReason } = await buyer.untilOrderEnded(id)
      if (status === 'confirmed') onConfirmed?.()
      if (status === 'confirmed') return { email, hasVoucher, outcome: 'confirmed', order: id }
      if (cancelReason !== 'declined') return { email, hasVoucher, outcome: 'order-lost', order: id }
      // The card is always declined, but the slot is still this buyer's: gives it to the next in line.
      await buyer.leave()
      return { email, hasVoucher, outcome: 'declined', order: id }
    }
    // Its hold ended while the order core was down. The buyer keeps the turn, and the next attempt has another key.
    if (isProblem(response, 'order-abandoned')) {
      abandoned += 1
      continue
    }
    const { final } = expectProblem(response, 'sold-out')
    if (final === true) {
      await buyer.leave()
      return { email, hasVoucher, outcome: 'sold-out' }
    }
    await delay(pauseAfter(response))
  }
  throw new Error(`${buyer.name} got sold-out, not final, for ${HELD_MS_MAX} ms.`)
}

/** Tells whether the buyer gets a voucher: all others learn that they are gone. */
async function claimVoucher(buyer: Buyer, campaign: string): Promise<boolean> {
  const response = await buyer.claimVoucher(campaign)
  if (response.kind === 'success') return true
  expectProblem(response, 'vouchers-gone')
  return false
}
