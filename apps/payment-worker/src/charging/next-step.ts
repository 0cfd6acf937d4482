import type { ChargeOutcome, CloseOutcome, LookUpOutcome, NeedsBuyer } from '../gateway/payment-gateway.ts'
import { type Charge, isOpen, type OpenStatus } from './charge.ts'

/** How a charge can end. */
export type Settlement =
  | { readonly kind: 'approved'; readonly chargeId: string; readonly isAuthorized?: true }
  | { readonly kind: 'declined'; readonly reason: string }
  | { readonly kind: 'not-charged'; readonly reason: string }

export type Chargeability = 'chargeable' | 'over' | 'unreachable'

/** The findings of this round about a charge. */
export interface Findings {
  readonly chargeability?: Chargeability
  readonly charge?: ChargeOutcome
  readonly lookUp?: LookUpOutcome
  /** Of the attempt that the buyer came back to. */
  readonly resume?: LookUpOutcome
  readonly close?: CloseOutcome
}

export type NextStep =
  | { readonly do: 'ask-order-core' }
  | { readonly do: 'charge' }
  | { readonly do: 'look-up' }
  | { readonly do: 'close' }
  /** Continue with what the buyer's browser brought back. */
  | { readonly do: 'resume'; readonly proof: string }
  /** Only the buyer can continue: the record waits, and the order shows where the buyer has to go. */
  | { readonly do: 'await-buyer'; readonly outcome: NeedsBuyer }
  | { readonly do: 'settle'; readonly settlement: Settlement }
  /** The provider will charge nothing under this key: continue with the next one. */
  | { readonly do: 'next-attempt' }
  /** Later: the record stays open, and is retried. */
  | {
      readonly do: 'wait'
      readonly status: OpenStatus
      readonly detail: string
      /** The provider's id of the attempt, where it told one: from then on that is looked up. */
      readonly reference?: string | undefined
    }

export const ATTEMPTS_MAX = 5

/**
 * Decides without the payment method: the order is not charged; at its deadline the provider's record of the key ends
 * it.
 */
const withoutKey = (charge: Charge, nowMs: number): NextStep => {
  if (nowMs >= charge.chargeBy.getTime()) return { do: 'close' }
  const status = charge.status === 'unknown' ? 'unknown' : 'started'
  return { do: 'wait', status, detail: 'no key of PAYMENT_KEY opens the payment method' }
}

const afterClose = (charge: Charge, outcome: CloseOutcome): NextStep => {
  if (outcome.kind === 'unavailable') return { do: 'wait', status: 'unknown', detail: outcome.detail }
  if (outcome.kind === 'key-closed') {
    const isSealed = charge.sealedPaymentMethod !== null && !charge.orderEnded
    const reason = isSealed ? 'no key of PAYMENT_KEY opened the payment method in time' : 'the order is over'
    return { do: 'settle', settlement: { kind: 'not-charged', reason } }
  }
  return { do: 'settle', settlement: outcome }
}

const afterCharge = (charge: Charge, outcome: ChargeOutcome, lookUp: LookUpOutcome | undefined): NextStep => {
  switch (outcome.kind) {
    case 'approved':
    case 'declined':
      return { do: 'settle', settlement: outcome }
    case 'needs-buyer':
      return { do: 'await-buyer', outcome }
    case 'key-closed':
      if (charge.attempt < ATTEMPTS_MAX) return { do: 'next-attempt' }
      return { do: 'wait', status: 'unknown', detail: 'the provider refuses every key' }
    case 'unavailable':
      if (!outcome.unknown)
        return { do: 'wait', status: charge.status === 'unknown' ? 'unknown' : 'started', detail: outcome.detail }
      if (lookUp === undefined) return { do: 'look-up' }
      // "Nothing" is not final either: the call may still be in transit. The same key is sent again later.
      return { do: 'wait', status: 'unknown', detail: outcome.detail, reference: outcome.reference }
  }
}

/** Decides about a charge past its deadline; undefined where it may be made. */
const unlessLate = ({ chargeBy, status }: Charge, { chargeability }: Findings, nowMs: number): NextStep | undefined => {
  if (nowMs < chargeBy.getTime() || chargeability === 'chargeable') return undefined
  if (chargeability === undefined) return { do: 'ask-order-core' }
  const detail = 'the order core does not say whether the order may still be charged'
  return { do: 'wait', status: isOpen(status) ? status : 'started', detail }
}

/**
 * Decides about a charge whose buyer was sent to a page of the bank. It is looked up whenever something hints at news,
 * and now and then. Its end is the hold's: then the order is over, and the attempt is closed.
 */
const afterBuyer = (charge: Charge, found: Findings, nowMs: number): NextStep => {
  if (charge.buyerProof !== null && found.resume === undefined)
    return unlessLate(charge, found, nowMs) ?? { do: 'resume', proof: charge.buyerProof }
  const outcome = found.resume ?? found.lookUp
  switch (outcome?.kind) {
    case undefined:
      return { do: 'look-up' }
    case 'approved':
    case 'declined':
      return { do: 'settle', settlement: outcome }
    case 'needs-buyer':
      return { do: 'await-buyer', outcome }
    case 'nothing-charged':
      return { do: 'wait', status: 'awaiting-buyer', detail: 'the provider does not know the attempt' }
    case 'unavailable':
      return { do: 'wait', status: 'awaiting-buyer', detail: outcome.detail }
  }
}

/**
 * Judges the look-up of an attempt whose buyer is back with a proof that this worker has no key for. While the provider
 * waits for it, the proof is kept for a worker with the key.
 */
export function withoutProof(lookUp: LookUpOutcome): LookUpOutcome {
  if (lookUp.kind !== 'needs-buyer') return lookUp
  return { kind: 'unavailable', unknown: false, detail: 'no key of PAYMENT_KEY opens what the buyer brought back' }
}

/**
 * Decides what to do next with an open charge, from its record and this round's findings. The rules of money: a
 * time-out is never a decline; after `chargeBy` nothing is charged without the order core's confirmation, and no
 * response is not a confirmation; an order that is over is settled at the provider, whose record of the key is final.
 */
export function nextStep(charge: Charge, found: Findings, nowMs: number): NextStep {
  // Never charges a zero amount. Such a record is from an older worker, which did.
  if (charge.amountMinor === 0)
    return { do: 'settle', settlement: { kind: 'not-charged', reason: 'there is nothing to pay' } }
  if (found.lookUp?.kind === 'approved' || found.lookUp?.kind === 'declined')
    return { do: 'settle', settlement: found.lookUp }
  if (found.close) return afterClose(charge, found.close)
  if (charge.orderEnded || found.chargeability === 'over') return { do: 'close' }
  if (found.lookUp?.kind === 'needs-buyer') return { do: 'await-buyer', outcome: found.lookUp }
  if (found.charge) return afterCharge(charge, found.charge, found.lookUp)
  if (charge.status === 'awaiting-buyer') return afterBuyer(charge, found, nowMs)
  if (charge.status === 'unknown' && found.lookUp === undefined) return { do: 'look-up' }
  if (found.lookUp?.kind === 'unavailable') return { do: 'wait', status: 'unknown', detail: found.lookUp.detail }
  if (charge.sealedPaymentMethod !== null) return withoutKey(charge, nowMs)
  return unlessLate(charge, found, nowMs) ?? { do: 'charge' }
}
