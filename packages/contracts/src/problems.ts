import { z } from 'zod'

interface ProblemKind {
  readonly status: number
  /** In English; the texts of each language have translations. */
  readonly title: string
  /** Tells whether the same request may succeed later, unchanged. */
  readonly retryable: boolean
}

const kind = (status: number, title: string, retryable = false): ProblemKind => ({ status, title, retryable })

/** Every problem that Floodgate returns (RFC 9457). The code is stable; the type is `urn:floodgate:problem:<code>`. */
export const problemKinds = {
  'invalid-request': kind(400, 'The request is not valid'),
  'webhook-refused': kind(400, 'The webhook is not signed by the payment provider'),
  'key-missing': kind(400, 'An Idempotency-Key header is required'),
  unauthorized: kind(401, 'The operator token is missing or wrong'),
  'ticket-missing': kind(401, 'A ticket is required'),
  'ticket-invalid': kind(401, 'The ticket is not valid'),
  'identity-required': kind(401, 'An ID token of the shop is required'),
  'identity-invalid': kind(401, 'The ID token is not valid'),
  'identity-revoked': kind(401, 'The account or its ID token was revoked'),
  'admission-missing': kind(401, 'An admission is required'),
  'admission-invalid': kind(401, 'The admission is not valid'),
  'admission-expired': kind(401, 'The admission has ended'),
  'admission-revoked': kind(401, 'The admission was given back'),
  'link-invalid': kind(401, 'The link to the order is not valid'),
  'link-expired': kind(401, 'The link to the order has expired'),
  'link-forbidden': kind(403, 'The link belongs to another order'),
  'role-too-low': kind(403, 'The role of this operator token is too low'),
  'origin-refused': kind(403, 'This origin may not connect'),
  'not-found': kind(404, 'This address does not exist'),
  'method-not-allowed': kind(405, 'This address does not support that method'),
  'wrong-state': kind(409, 'The sale is in another state'),
  'time-past': kind(409, 'A time is in the past'),
  'revocations-full': kind(409, 'There are too many revocations'),
  'tokens-full': kind(409, 'There are too many operator tokens'),
  'version-conflict': kind(409, 'The sale was changed meanwhile'),
  'line-gone': kind(409, 'The line of this sale no longer exists'),
  'no-turn': kind(409, 'There is no turn'),
  'no-return': kind(409, 'There is no shop to return to'),
  'turn-has-order': kind(409, 'An order was placed in this turn'),
  'extensions-used': kind(409, 'This turn cannot be extended again'),
  'extensions-off': kind(409, 'Turns of this sale cannot be extended'),
  'reminder-late': kind(409, 'The sale is already open'),
  'reminders-full': kind(409, 'This sale takes no more reminders'),
  'sale-not-open': kind(409, 'The sale has not opened yet', true),
  'sold-out': kind(409, 'There is not enough stock', true),
  'over-limit': kind(409, 'The order exceeds the limit for one buyer'),
  'vouchers-gone': kind(409, 'All vouchers of this campaign have been claimed'),
  'voucher-not-valid': kind(409, 'The voucher is not valid at this time'),
  'voucher-used': kind(409, 'Another order has this voucher'),
  'voucher-terms-fixed': kind(409, 'Vouchers of this campaign have been issued on other terms'),
  'total-below-issued': kind(409, 'The total is below what is issued'),
  'campaigns-full': kind(409, 'The sale has too many campaigns'),
  'order-exists': kind(409, 'This admission already has its order'),
  'order-abandoned': kind(409, 'The order was not placed, and nothing was charged'),
  'too-many-declined': kind(409, 'Too many payments were declined for this admission'),
  'order-not-cancellable': kind(409, 'The order can no longer be cancelled'),
  'order-not-refundable': kind(409, 'The order has no refund to repeat'),
  'refund-not-rejected': kind(409, 'The refund does not wait for an operator'),
  'refund-too-large': kind(409, 'There is less left to refund'),
  'mail-sent': kind(409, 'The mail server has already accepted this mail'),
  'webhook-not-dead': kind(409, 'The webhook was not given up'),
  'endpoint-gone': kind(409, 'The endpoint of this webhook is not configured'),
  'order-parked': kind(409, 'The order cannot continue in its present state'),
  'total-below-sold': kind(409, 'The total is below what is held and sold'),
  'catalogue-conflict': kind(409, 'The change conflicts with the catalogue'),
  'catalogue-changed': kind(412, 'The catalogue was changed meanwhile'),
  'campaign-changed': kind(412, 'The campaign was changed meanwhile'),
  'sale-closed': kind(410, 'The sale is over'),
  'order-gone': kind(410, 'The order is no longer stored'),
  'too-large': kind(413, 'The body is too large'),
  'wrong-media-type': kind(415, 'The body must be application/json'),
  'unknown-sku': kind(422, 'An item is not in the catalogue'),
  'voucher-unknown': kind(422, 'The buyer has no such voucher'),
  'voucher-minimum': kind(422, 'The order is too small for the voucher'),
  'price-changed': kind(422, 'A price has changed'),
  'key-reused': kind(422, 'The Idempotency-Key belongs to another request'),
  'upgrade-required': kind(426, 'This address accepts only WebSocket connections'),
  'request-timeout': kind(408, 'The request took too long to arrive', true),
  'too-many-requests': kind(429, 'Too many requests', true),
  'too-many-sockets': kind(429, 'Too many sockets', true),
  'headers-too-large': kind(431, 'The header section is too large'),
  internal: kind(500, 'Something went wrong on our side', true),
  'line-full': kind(503, 'The line is full', true),
  busy: kind(503, 'The service is busy at the moment', true),
  unavailable: kind(503, 'A service this needs is not available', true),
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof problemKinds

export function problemType(code: ProblemCode): string {
  return `urn:floodgate:problem:${code}`
}

const problemCodes = Object.keys(problemKinds) as [ProblemCode, ...ProblemCode[]]
export const problemCode = z.enum(problemCodes)

/** The body of every problem. Some codes add members (`errors`, `skus`, `final`, `state`, …). */
export const problemBody = z.looseObject({
  type: z.string().regex(/^urn:floodgate:problem:[a-z-]+$/),
  code: problemCode,
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  retryable: z.boolean(),
  traceId: z.string(),
  errors: z.array(z.strictObject({ pointer: z.string(), message: z.string() })).optional(),
})
export type ProblemBody = z.infer<typeof problemBody>
