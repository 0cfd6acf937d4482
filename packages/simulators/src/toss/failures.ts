/**
 * The errors of the provider's API that this face knows, by code: status and English message
 * (https://docs.tosspayments.com/reference/error-codes).
 */
const FAILURES = {
  ALREADY_PROCESSED_PAYMENT: [400, 'This payment has already been processed.'],
  ALREADY_CANCELED_PAYMENT: [400, 'This payment has already been canceled.'],
  DUPLICATED_ORDER_ID: [400, 'This order ID has already been approved or canceled.'],
  INVALID_REQUEST: [400, 'The request is invalid.'],
  INVALID_IDEMPOTENCY_KEY: [400, 'The idempotency key must have 300 characters at most.'],
  INVALID_STOPPED_CARD: [400, 'This card is stopped.'],
  INVALID_TRANSACTION_KEY: [400, 'The paging key is invalid.'],
  NOT_MATCHES_REFUNDABLE_AMOUNT: [400, 'The balance differs from the refundable amount.'],
  REFUND_REJECTED: [400, 'The refund was rejected.'],
  BELOW_MINIMUM_AMOUNT: [400, 'A card can pay 100 won or more.'],
  NOT_SUPPORTED_CURRENCY: [400, 'This currency is not supported.'],
  PROVIDER_ERROR: [400, 'A temporary error occurred. Please try again later.'],
  CARD_PROCESSING_ERROR: [400, 'The card company reported an error.'],
  UNAUTHORIZED_KEY: [401, 'The secret key or client key is not recognized.'],
  REJECT_CARD_PAYMENT: [403, 'The payment failed because of the limit or the balance.'],
  REJECT_CARD_COMPANY: [403, 'The card company rejected the payment.'],
  FORBIDDEN_REQUEST: [403, 'This request is not allowed.'],
  FORBIDDEN_CONSECUTIVE_REQUEST: [403, 'Repeated requests are not allowed. Please try again later.'],
  NOT_CANCELABLE_AMOUNT: [403, 'This amount cannot be canceled.'],
  NOT_CANCELABLE_PAYMENT: [403, 'This payment cannot be canceled.'],
  INCORRECT_BASIC_AUTH_FORMAT: [403, "The credentials must be encoded with their ':'."],
  NOT_FOUND_PAYMENT: [404, 'There is no such payment.'],
  NOT_FOUND_PAYMENT_SESSION: [404, 'The time for this payment is over.'],
  IDEMPOTENT_REQUEST_PROCESSING: [409, 'The previous request with this idempotency key is in progress.'],
  FAILED_INTERNAL_SYSTEM_PROCESSING: [500, 'The internal system failed. Please try again later.'],
  FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING: [500, 'The payment was not completed. Please try again.'],
  FAILED_METHOD_HANDLING_CANCEL: [500, 'A temporary error occurred at the payment method.'],
  COMMON_ERROR: [500, 'A temporary error occurred. Please try again later.'],
} as const

export type FailureCode = keyof typeof FAILURES

export const FAILURE_CODES = Object.keys(FAILURES) as [FailureCode, ...FailureCode[]]

/** A complete response of the API. */
export interface Reply {
  readonly status: number
  readonly body: object
}

/** Returns the error object of a code, as it stands in the field `failure` of a payment. */
export function failureOf(code: FailureCode): { readonly code: FailureCode; readonly message: string } {
  return { code, message: FAILURES[code][1] }
}

export function failureReply(code: FailureCode): Reply {
  return { status: FAILURES[code][0], body: failureOf(code) }
}
