import type { IncomingHttpHeaders } from 'node:http'

/** The provider approved the payment. */
export interface Approved {
  readonly kind: 'approved'
  readonly chargeId: string
  /** The money is set aside, and `capture` takes it. Absent: it is taken. */
  readonly isAuthorized?: true
}

export interface Declined {
  readonly kind: 'declined'
  /** For operators and logs; at most 200 characters. */
  readonly reason: string
}

/**
 * Only the buyer can continue, on a page of the bank or the provider: 3-D Secure, for example. Nothing is charged until
 * then.
 */
export interface NeedsBuyer {
  readonly kind: 'needs-buyer'
  readonly redirectUrl: string
  /** The provider's id of the attempt, by which it is looked up and closed. */
  readonly reference: string
}

/** The provider gave no usable response. `unknown`: the call may have taken effect all the same. */
export interface Unavailable {
  readonly kind: 'unavailable'
  readonly unknown: boolean
  readonly detail: string
  /** The provider's id of the attempt, where it has one and is still processing it. */
  readonly reference?: string
}

/** Nothing was and nothing will be charged under this key. */
export interface KeyClosed {
  readonly kind: 'key-closed'
}

/** The outcome of a charge, as reported by the provider. */
export type ChargeOutcome = Approved | Declined | NeedsBuyer | KeyClosed | Unavailable

/** `nothing-charged` does not exclude a call that is still in transit. */
export type LookUpOutcome = Approved | Declined | NeedsBuyer | { readonly kind: 'nothing-charged' } | Unavailable

export type CloseOutcome = Approved | Declined | KeyClosed | Unavailable

export type RefundOutcome =
  | { readonly kind: 'refunded'; readonly refundId: string }
  /** The provider has accepted it, and tells later whether the money arrived: look at `refundId` again. */
  | { readonly kind: 'pending'; readonly refundId: string; readonly detail: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | Unavailable

export type CaptureOutcome =
  | { readonly kind: 'captured' }
  /** The money can no longer be taken: the authorization has ended, for example. */
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
  /** The money is set aside, and not taken yet. */
  readonly isAuthorized?: true
}

export type ListOutcome = { readonly kind: 'listed'; readonly charges: readonly ProviderCharge[] } | Unavailable

/** One attempt to charge an order. */
export interface Attempt {
  /** The provider's idempotency key: one key is charged at most once, however often it is sent. */
  readonly key: string
  readonly orderId: string
  readonly sale: string
  readonly amountMinor: number
  readonly currency: string
  /** The provider's id of the attempt; null while it is unknown. */
  readonly reference: string | null
  /** When the order's payment was recorded: no attempt is older. */
  readonly openedAtMs: number
}

export interface RefundCommand {
  readonly orderId: string
  /** The caller's: one key is refunded at most once. */
  readonly key: string
  readonly chargeId: string
  /** At most what is left of the charge. */
  readonly amountMinor: number
  readonly currency: string
  /** When the refund was recorded: no call for it is older. Providers forget keys. */
  readonly requestedAtMs: number
  /** The provider's id of the refund, once it was `pending`. Null: it has not told one. */
  readonly reference?: string | null
  /** Nothing was taken: gives up the authorization of the whole amount. */
  readonly isAuthorized?: boolean
}

/** What the buyer's browser brought back from the page it was sent to, as the provider added it to the address. */
export type BuyerProof = Readonly<Record<string, string>>

export interface Webhook {
  readonly headers: IncomingHttpHeaders
  /** The body as received: signatures are over its bytes. */
  readonly body: string
}

export type WebhookReading =
  /** Something may have happened to the payment of this order: only a look-up tells what. */
  | {
      readonly kind: 'hint'
      readonly orderId: string
      /** The provider signs no webhooks: anybody may have sent it. */
      readonly isUnsigned?: true
    }
  /** Signed, but not about a payment of an order. */
  | { readonly kind: 'ignored' }
  /** Not signed by the provider, too old, or malformed. */
  | { readonly kind: 'refused'; readonly reason: string }

export type BreakerState = 'closed' | 'half-open' | 'open'

/**
 * A payment provider (ADR 0062). No method throws because the provider fails: every outcome is a value. Of one key at
 * most one charge is ever made, in whatever order its calls arrive, repeated or late.
 */
export interface PaymentGateway {
  /** Starts the attempt, or continues it: the same key is the same attempt. */
  begin(attempt: Attempt & { readonly paymentMethod: string }, signal: AbortSignal): Promise<ChargeOutcome>
  /**
   * Continues an attempt whose buyer has come back. A provider that charges by itself once the buyer agreed is only
   * looked up; where the server has to approve, this approves. A proof that does not fit changes nothing.
   */
  resume(attempt: Attempt & { readonly proof: BuyerProof }, signal: AbortSignal): Promise<LookUpOutcome>
  /** Returns what was charged so far. */
  lookUp(attempt: Attempt, signal: AbortSignal): Promise<LookUpOutcome>
  /** Looks an attempt up, and if nothing was charged, makes sure that nothing can be, whatever is still in transit. */
  close(attempt: Attempt, signal: AbortSignal): Promise<CloseOutcome>
  /** Takes the money of a charge that was approved as `isAuthorized`. Safe to repeat: it is taken once. */
  capture(chargeId: string, signal: AbortSignal): Promise<CaptureOutcome>
  refund(command: RefundCommand, signal: AbortSignal): Promise<RefundOutcome>
  /** Lists every approved charge of an order, including refunded and authorized ones. */
  listCharges(signal: AbortSignal): Promise<ListOutcome>
  /** Verifies and reads a webhook. Calls nobody. */
  readWebhook(webhook: Webhook): WebhookReading
  /** Makes a harmless call, so that an open breaker may close again. */
  probe(signal: AbortSignal): Promise<void>
  breakerState(): BreakerState
  /** Calls the listener at each change of the breaker. */
  onBreakerChange(listener: (state: BreakerState) => void): void
}
