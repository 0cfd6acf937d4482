import type { AdmissionVerifier } from '@floodgate/admission'
import { idempotencyKey, orderPlaced, orderRequest, problemBody } from '@floodgate/contracts'
import { AppError, parseOrRefuse, readJsonBody, traceparentOf } from '@floodgate/service'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'
import { orderPlacedAnswer } from '../ledger/order.ts'
import { admittedBuyer } from '../orders/admitted-buyer.ts'
import type { Checkout } from './checkout.ts'
import type { CheckoutOutcome } from './outcome.ts'

const RETRY_SECONDS = 1
/** Held units come back when a payment fails or a hold ends: seconds to minutes. */
const SOLD_OUT_RETRY_SECONDS = 2

/** `POST /orders`. A plain route: parsing happens once, here, and not again in a validator. */
export const mountCheckout = (
  app: OpenAPIHono,
  { checkout, verifier }: { checkout: Checkout; verifier: AdmissionVerifier },
): void => {
  document(app)
  app.post('/orders', async (c) => {
    const admission = await admittedBuyer(c, verifier)
    const key = readKey(c.req.header('idempotency-key'))
    const body = await readJsonBody(c, orderRequest)
    const outcome = await checkout({ admission, key, body, traceparent: traceparentOf(c) })
    if (outcome.kind !== 'accepted') throw refusal(outcome)
    return c.json(orderPlacedAnswer(outcome.order), 201, {
      location: `/orders/${outcome.order.id}`,
      'cache-control': 'no-store',
      ...(outcome.replayed ? { 'idempotent-replayed': 'true' } : {}),
    })
  })
}

const keyHeader = z.object({ 'Idempotency-Key': idempotencyKey })

const readKey = (header: string | undefined): string => {
  if (header === undefined || header === '') throw new AppError('key-missing')
  return parseOrRefuse(keyHeader, { 'Idempotency-Key': header })['Idempotency-Key']
}

const refusal = (outcome: Exclude<CheckoutOutcome, { kind: 'accepted' }>): AppError => {
  switch (outcome.kind) {
    case 'admission-expired':
      return new AppError(outcome.kind, { headers: { 'www-authenticate': 'Bearer' } })
    case 'sale-closed':
      // To somebody in line the sale is gone (410); an admission's bearer asked for what the sale's state forbids.
      return new AppError('sale-closed', { status: 409 })
    case 'too-expensive':
      return new AppError('invalid-request', {
        members: { errors: [{ pointer: '/items', message: 'must not cost more than 2^53 - 1 minor units together' }] },
      })
    case 'poisonous':
      return new AppError('internal', { detail: 'This order can not be stored; it has been logged.' })
    case 'busy':
      return new AppError('busy', { retryAfterSeconds: RETRY_SECONDS })
    case 'order-exists':
      return new AppError('order-exists', { headers: { location: `/orders/${outcome.order}` } })
    case 'sold-out':
      return new AppError('sold-out', {
        members: { skus: outcome.skus, final: outcome.final, retryable: !outcome.final },
        ...(outcome.final ? {} : { retryAfterSeconds: SOLD_OUT_RETRY_SECONDS }),
      })
    case 'unknown-sku':
    case 'price-changed':
    case 'over-limit':
      return new AppError(outcome.kind, { members: { skus: outcome.skus } })
    case 'key-reused':
      return new AppError('key-reused')
  }
}

const document = (app: OpenAPIHono): void => {
  const problem = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: problemBody } },
  })
  app.openAPIRegistry.registerPath({
    method: 'post',
    path: '/orders',
    summary: 'Place the one order of an admission',
    request: {
      headers: z.object({
        authorization: z.string().describe('`Bearer`, then the admission'),
        'idempotency-key': idempotencyKey,
      }),
      body: { required: true, content: { 'application/json': { schema: orderRequest } } },
    },
    responses: {
      201: {
        description: 'The order, its stock held until `holdExpiresAt`. The same key and body again: the same bytes.',
        content: { 'application/json': { schema: orderPlaced } },
      },
      400: problem('`key-missing`, `invalid-request`'),
      401: problem('`admission-missing`, `admission-invalid`, `admission-expired`'),
      409: problem('`sale-closed`, `sold-out` (`skus`, `final`), `over-limit`, `order-exists` (`Location`)'),
      413: problem('`too-large`'),
      415: problem('`wrong-media-type`'),
      422: problem('`unknown-sku`, `price-changed`, `key-reused`'),
      503: problem('`busy`, `unavailable`, with `Retry-After`'),
    },
  })
}
