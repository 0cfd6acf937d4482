/** The outcome of a charge, as reported by the provider. */
export type ChargeOutcome =
  | { readonly kind: 'approved'; readonly chargeId: string }
  | { readonly kind: 'declined'; readonly reason: string }
  /** Nothing was and nothing will be charged under this key. */
  | { readonly kind: 'key-closed' }
  | Unavailable

/** The provider gave no usable response. `unknown`: the call may have taken effect all the same. */
export interface Unavailable {
  readonly kind: 'unavailable'
  readonly unknown: boolean
  readonly detail: string
}

export type LookUpOutcome = Exclude<ChargeOutcome, { kind: 'key-closed' }> | { readonly kind: 'nothing-charged' }

export type CloseOutcome = Exclude<ChargeOutcome, Unavailable> | Unavailable

export type RefundOutcome =
  | { readonly kind: 'refunded'; readonly refundId: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | Unavailable

/** An approved charge in the provider's records. */
export interface ProviderCharge {
  readonly chargeId: string
  readonly orderId: string
  readonly amountMinor: number
  readonly currency: string
  readonly refundedMinor: number
  readonly chargedAtMs: number
}

export type ListOutcome = { readonly kind: 'listed'; readonly charges: readonly ProviderCharge[] } | Unavailable

interface ChargeCommand {
  /** The provider's idempotency key: one key is charged at most once, however often it is sent. */
  readonly key: string
  readonly orderId: string
  readonly amountMinor: number
  readonly currency: string
  readonly paymentMethod: string
}

export type BreakerState = 'closed' | 'half-open' | 'open'

/** A payment provider. No method throws because the provider fails: every outcome is a value. */
export interface PaymentGateway {
  charge(command: ChargeCommand, signal: AbortSignal): Promise<ChargeOutcome>
  /** Returns what was charged under a key so far. "Nothing" does not exclude a call that is still in transit. */
  lookUp(key: string, signal: AbortSignal): Promise<LookUpOutcome>
  /** Looks a key up, and if nothing was charged under it, makes sure that nothing can be. */
  close(key: string, signal: AbortSignal): Promise<CloseOutcome>
  /** Refunds the whole charge. */
  refund(
    command: { readonly key: string; readonly chargeId: string; readonly amountMinor: number },
    signal: AbortSignal,
  ): Promise<RefundOutcome>
  /** Lists every approved charge, including refunded ones. */
  listCharges(signal: AbortSignal): Promise<ListOutcome>
  /** Makes a harmless call, so that an open breaker may close again. */
  probe(signal: AbortSignal): Promise<void>
  breakerState(): BreakerState
  /** Calls the listener at each change of the breaker. */
  onBreakerChange(listener: (state: BreakerState) => void): void
}
