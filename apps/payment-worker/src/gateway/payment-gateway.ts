/** What happened to a charge, as far as the provider told. */
export type ChargeOutcome =
  | { readonly kind: 'approved'; readonly chargeId: string }
  | { readonly kind: 'declined'; readonly reason: string }
  /** Nothing was and nothing will be charged under this key. */
  | { readonly kind: 'key-closed' }
  | Unavailable

/** The provider gave no answer that can be used. `unknown`: the call may have taken effect all the same. */
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

/** An approved charge as the provider has it. */
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

/** A payment provider. No method throws for what a provider does on a bad day; every answer is a value. */
export interface PaymentGateway {
  charge(command: ChargeCommand, signal: AbortSignal): Promise<ChargeOutcome>
  /** What was charged under a key so far. "Nothing" says nothing about a call that is still on its way. */
  lookUp(key: string, signal: AbortSignal): Promise<LookUpOutcome>
  /** Like a look-up, and if nothing was charged under the key, nothing ever will be. */
  close(key: string, signal: AbortSignal): Promise<CloseOutcome>
  /** Gives the whole charge back. */
  refund(
    command: { readonly key: string; readonly chargeId: string; readonly amountMinor: number },
    signal: AbortSignal,
  ): Promise<RefundOutcome>
  /** Every approved charge, refunded ones included. */
  listCharges(signal: AbortSignal): Promise<ListOutcome>
  /** Asks for something harmless, so that an open breaker may close again. */
  probe(signal: AbortSignal): Promise<void>
  breakerState(): BreakerState
  /** Calls the listener at each change of the breaker. */
  onBreakerChange(listener: (state: BreakerState) => void): void
}
