import type { AdmissionVerifier } from '@floodgate/admission'
import type { OrderRequest } from '@floodgate/contracts'
import { type CountLimited, languageOfRequest, type MaybePromise, type ResponseParts } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import { authenticate } from '../admission/authenticate.ts'
import { orderPlacedResponse } from '../order/order.ts'
import { canComeBack, isSoldOut, type Shortage } from '../stock/shortage.ts'
import { notValidNow } from '../vouchers/problems.ts'
import type { Checkout } from './checkout.ts'
import { readKey } from './idempotency-key.ts'
import type { CheckoutOutcome } from './outcome.ts'

const RETRY_SECONDS = 1
/** Held units come back when a payment fails or a hold ends: seconds to minutes. */
const SOLD_OUT_RETRY_SECONDS = 2

/** A `POST /orders`. */
export interface OrderPost {
  readonly authorization: string | undefined
  readonly idempotencyKey: string | undefined
  readonly traceparent: string
  readonly acceptLanguage: string | undefined
  /** Parsed after authentication, so that an unauthenticated caller gets 401, never 400. Throws for an invalid body. */
  body(): MaybePromise<OrderRequest>
}

interface Counts {
  readonly countLimited: CountLimited
  /** Counts an expired admission. */
  countEnded(): void
}

/** Serves `POST /orders`. Throws an `AppError` for every rejection. */
export type PlaceOrder = (post: OrderPost) => Promise<ResponseParts>

export function createPlaceOrder({
  checkout,
  verifier,
  ...count
}: {
  checkout: Checkout
  verifier: AdmissionVerifier
} & Counts): PlaceOrder {
  return async function placeOrder(post) {
    const admission = await authenticate(post.authorization, verifier)
    const key = readKey(post.idempotencyKey)
    const outcome = await checkout({
      admission,
      key,
      body: await post.body(),
      traceparent: post.traceparent,
      language: languageOfRequest(post.acceptLanguage),
    })
    if (outcome.kind !== 'accepted') throw problemOf(outcome, count)
    return {
      status: 201,
      headers: {
        'content-type': 'application/json',
        location: `/orders/${outcome.order.id}`,
        'cache-control': 'no-store',
        ...(outcome.replayed ? { 'idempotent-replayed': 'true' } : {}),
      },
      body: JSON.stringify(orderPlacedResponse(outcome.order)),
    }
  }
}

const skusOf = (items: readonly { readonly sku: string }[]): string[] => items.map(({ sku }) => sku)

const soldOut = (shortages: readonly Shortage[]): AppError => {
  const isFinal = isSoldOut(shortages)
  const retryable = canComeBack(shortages)
  return new AppError('sold-out', {
    members: {
      skus: skusOf(shortages),
      final: isFinal,
      retryable,
      items: shortages.map(({ sku, available, unsold }) => ({ sku, available, soldOut: unsold <= 0 })),
    },
    ...(retryable ? { retryAfterSeconds: SOLD_OUT_RETRY_SECONDS } : {}),
  })
}

const problemOf = (
  outcome: Exclude<CheckoutOutcome, { kind: 'accepted' }>,
  { countLimited, countEnded }: Counts,
): AppError => {
  switch (outcome.kind) {
    case 'admission-expired':
      countEnded()
      return new AppError(outcome.kind, { headers: { 'www-authenticate': 'Bearer' } })
    case 'admission-revoked':
      return new AppError(outcome.kind, { headers: { 'www-authenticate': 'Bearer' } })
    case 'sale-closed':
      // For a buyer in line a closed sale is gone (410); the holder of an admission conflicts with the sale's state
      // (409).
      return new AppError('sale-closed', { status: 409 })
    case 'too-expensive':
      return new AppError('invalid-request', {
        members: { errors: [{ pointer: '/items', message: 'must not cost more than 2^53 - 1 minor units together' }] },
      })
    case 'method-missing':
      return new AppError('invalid-request', {
        members: { errors: [{ pointer: '/paymentMethod', message: 'must be given: the order costs something' }] },
      })
    case 'poisonous':
      // A repetition gets the same result: unlike other internal errors it does not pass.
      return new AppError('internal', {
        detail: 'This order cannot be stored, and it has been logged. Sending it again will not help.',
        members: { retryable: false },
      })
    case 'busy':
      return new AppError('busy', { retryAfterSeconds: outcome.retryAfterSeconds ?? RETRY_SECONDS })
    case 'order-exists':
      return new AppError('order-exists', { headers: { location: `/orders/${outcome.order}` } })
    case 'sold-out':
      return soldOut(outcome.shortages)
    case 'price-changed':
      return new AppError('price-changed', {
        members: { skus: skusOf(outcome.items), currency: outcome.currency, items: outcome.items },
      })
    case 'unknown-sku':
    case 'over-limit':
      return new AppError(outcome.kind, { members: { skus: outcome.skus } })
    case 'voucher-unknown':
      return new AppError(outcome.kind)
    case 'voucher-minimum':
      return new AppError(outcome.kind, { members: { minimumMinor: outcome.minimumMinor } })
    case 'voucher-not-valid':
      return notValidNow(outcome)
    case 'voucher-used':
      return new AppError(outcome.kind, {
        members: {
          ...(outcome.state === undefined ? {} : { state: outcome.state }),
          ...(typeof outcome.order === 'string' ? { order: outcome.order } : {}),
        },
      })
    case 'too-many-declined':
      countLimited('declined-orders')
      return new AppError('too-many-declined', {
        detail: 'Every card was declined, so this turn is over. Another order needs another admission.',
      })
    case 'order-abandoned':
      return new AppError('order-abandoned', {
        detail:
          'The order was not completed in time. You still have your turn: order again with a new Idempotency-Key.',
      })
    case 'key-reused':
      return new AppError('key-reused')
  }
}
