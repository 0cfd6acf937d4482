import { expect, it } from 'vitest'
import { createPlaceOrder } from './place-order.ts'

const admission = { buyer: 'ann', sale: 'demo', slot: 's', issuedAt: new Date(0), expiresAt: new Date(1) }
const body = { items: [{ sku: 'tea', quantity: 1 }], email: 'a@example.org', paymentMethod: 'sim_ok' }

it.each([
  ['cannot be stored', 'poisonous', { status: 500, members: { retryable: false } }],
  ['may be stored later', 'busy', { status: 503, retryable: true, members: {} }],
] as const)('the problem of an order that %s says whether a retry helps', async (_, kind, problem) => {
  const place = createPlaceOrder({
    checkout: async () => ({ kind }),
    verifier: { verify: async () => ({ kind: 'valid', admission }) },
    countLimited: () => undefined,
    countEnded: () => undefined,
  })
  const post = {
    authorization: 'Bearer pass',
    idempotencyKey: 'key',
    traceparent: '',
    acceptLanguage: undefined,
    body: () => body,
  }
  await expect(place(post)).rejects.toMatchObject(problem)
})
