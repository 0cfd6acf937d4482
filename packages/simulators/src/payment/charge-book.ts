import { randomUUID } from 'node:crypto'
import type { SimulatedCharge } from '@floodgate/contracts'
import { currency, idempotencyKey, minorUnits, text } from '@floodgate/contracts'
import { z } from 'zod'

export const chargeRequest = z.strictObject({
  orderId: text(255),
  // Providers do not charge zero.
  amountMinor: minorUnits.min(1),
  currency,
  paymentMethod: text(64),
  /** Where the bank's page sends the buyer. */
  returnUrl: z.url().optional(),
})
export type ChargeRequest = z.infer<typeof chargeRequest>

/** Without an amount the whole charge is refunded. */
export const refundRequest = z.strictObject({ amountMinor: minorUnits.optional() })

const bookedCharge = z.strictObject({
  id: z.string(),
  idempotencyKey,
  ...chargeRequest.shape,
  amountMinor: minorUnits,
  status: z.enum(['approved', 'declined', 'needs-buyer']),
  reason: z.string().optional(),
  at: z.string(),
})
export type BookedCharge = z.infer<typeof bookedCharge>

const bookedRefund = z.strictObject({
  id: z.string(),
  idempotencyKey,
  chargeId: z.string(),
  amountMinor: minorUnits,
  at: z.string(),
})
export type BookedRefund = z.infer<typeof bookedRefund>

/** One entry of the book, in the file's format. */
export const bookEntry = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('charge'), charge: bookedCharge }),
  z.strictObject({ kind: z.literal('refund'), refund: bookedRefund }),
  z.strictObject({ kind: z.literal('closed'), key: z.string() }),
  /** The buyer decided on the page of the bank. */
  z.strictObject({ kind: z.literal('decided'), chargeId: z.string(), agreed: z.boolean() }),
])
export type BookEntry = z.infer<typeof bookEntry>

export type ChargeResult =
  | { readonly kind: 'booked'; readonly charge: BookedCharge; readonly replayed: boolean }
  /** The key was used before with another body. */
  | { readonly kind: 'other-body' }
  /** The key was closed: nothing was and nothing will be charged under it. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'full' }

export type RefundResult =
  | { readonly kind: 'booked'; readonly refund: BookedRefund; readonly replayed: boolean }
  | { readonly kind: 'unknown-charge' }
  | { readonly kind: 'too-much' }
  | { readonly kind: 'other-body' }

export type ChargeBook = ReturnType<typeof createChargeBook>

const sameRequest = (charge: BookedCharge, request: ChargeRequest): boolean =>
  charge.orderId === request.orderId &&
  charge.amountMinor === request.amountMinor &&
  charge.currency === request.currency &&
  charge.paymentMethod === request.paymentMethod

function outcomeOf({ paymentMethod }: ChargeRequest, declineAll: boolean): Pick<BookedCharge, 'status' | 'reason'> {
  if (declineAll) return { status: 'declined', reason: 'declined by the issuer' }
  if (paymentMethod === 'sim_ok') return { status: 'approved' }
  if (paymentMethod === 'sim_3ds') return { status: 'needs-buyer' }
  return {
    status: 'declined',
    reason: paymentMethod === 'sim_declined' ? 'insufficient funds' : 'unknown payment method',
  }
}

/**
 * The book of all charges of the simulated provider. A key is charged once: the same key with the same body returns the
 * booked charge, and a closed key is never charged. `append` is called before a new fact counts.
 */
export function createChargeBook(options: {
  entries: readonly BookEntry[]
  append(entry: BookEntry): void
  chargesMax: number
}) {
  const byKey = new Map<string, BookedCharge>()
  const byId = new Map<string, BookedCharge>()
  const closed = new Set<string>()
  const refunds = new Map<string, BookedRefund>()
  const refundedMinor = new Map<string, number>()

  const applyDecision = ({ chargeId, agreed }: Extract<BookEntry, { kind: 'decided' }>) => {
    const charge = byId.get(chargeId)
    if (charge === undefined) return
    const decided: BookedCharge = agreed
      ? { ...charge, status: 'approved' }
      : { ...charge, status: 'declined', reason: 'the buyer did not agree' }
    byKey.set(charge.idempotencyKey, decided)
    byId.set(charge.id, decided)
  }
  const apply = (entry: BookEntry) => {
    if (entry.kind === 'closed') return void closed.add(entry.key)
    if (entry.kind === 'decided') return applyDecision(entry)
    if (entry.kind === 'charge') {
      byKey.set(entry.charge.idempotencyKey, entry.charge)
      byId.set(entry.charge.id, entry.charge)
      return
    }
    const { refund } = entry
    refunds.set(refund.idempotencyKey, refund)
    refundedMinor.set(refund.chargeId, (refundedMinor.get(refund.chargeId) ?? 0) + refund.amountMinor)
  }
  const book = (entry: BookEntry) => {
    options.append(entry)
    apply(entry)
  }
  for (const entry of options.entries) apply(entry)

  return {
    charge(key: string, request: ChargeRequest, declineAll: boolean): ChargeResult {
      if (closed.has(key)) return { kind: 'closed' }
      const known = byKey.get(key)
      if (known)
        return sameRequest(known, request) ? { kind: 'booked', charge: known, replayed: true } : { kind: 'other-body' }
      if (byKey.size >= options.chargesMax) return { kind: 'full' }
      const outcome = outcomeOf(request, declineAll)
      const charge = {
        id: `ch_${randomUUID()}`,
        idempotencyKey: key,
        ...request,
        ...outcome,
        at: new Date().toISOString(),
      }
      book({ kind: 'charge', charge })
      return { kind: 'booked', charge, replayed: false }
    },

    /** Finds a charge by idempotency key or by id. */
    find: (reference: string): BookedCharge | undefined => byKey.get(reference) ?? byId.get(reference),

    /** Returns what was charged under the key; if nothing, makes sure that nothing can be. */
    close(key: string): BookedCharge | undefined {
      const charge = byKey.get(key)
      const isOpen = charge === undefined || charge.status === 'needs-buyer'
      if (isOpen && !closed.has(key)) book({ kind: 'closed', key })
      return isOpen ? undefined : charge
    },

    isClosed: (key: string): boolean => closed.has(key),

    /** Records the buyer's decision; the first one counts. Returns the charge; undefined for an unknown one. */
    decide(chargeId: string, agreed: boolean): BookedCharge | undefined {
      const charge = byId.get(chargeId)
      if (charge?.status === 'needs-buyer' && !closed.has(charge.idempotencyKey))
        book({ kind: 'decided', chargeId, agreed })
      return byId.get(chargeId)
    },

    refund(key: string, chargeId: string, amountMinor: number | undefined): RefundResult {
      const charge = byId.get(chargeId)
      const known = refunds.get(key)
      if (known) {
        const same = known.chargeId === chargeId && known.amountMinor === (amountMinor ?? charge?.amountMinor)
        return same ? { kind: 'booked', refund: known, replayed: true } : { kind: 'other-body' }
      }
      if (charge?.status !== 'approved') return { kind: 'unknown-charge' }
      const amount = amountMinor ?? charge.amountMinor
      if (amount + (refundedMinor.get(chargeId) ?? 0) > charge.amountMinor) return { kind: 'too-much' }
      const at = new Date().toISOString()
      const refund = { id: `re_${randomUUID()}`, idempotencyKey: key, chargeId, amountMinor: amount, at }
      book({ kind: 'refund', refund })
      return { kind: 'booked', refund, replayed: false }
    },

    list: (): SimulatedCharge[] =>
      [...byKey.values()].map(({ paymentMethod: _, reason: __, returnUrl: ___, ...charge }) => ({
        ...charge,
        refundedMinor: refundedMinor.get(charge.id) ?? 0,
      })),
  }
}
