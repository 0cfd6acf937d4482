import { ask } from './ask.js'
import { settings } from './settings.js'

/** Reads the items and their prices; undefined when the request was rejected. */
export function readCatalogue(core) {
  const answer = ask('GET', `${core}/sales/${settings.sale}/catalogue`, { name: 'catalogue', expected: [200] })
  return answer.status === 200 ? answer.json() : undefined
}

/**
 * Orders one unit. Returns `{ kind: 'placed', id }`, `sold-out`, `held` while unpaid orders hold the last units, or
 * `refused`. Repeating a key returns the same order.
 */
export function placeOrder(core, { admission, key, item, paymentMethod }) {
  const answer = ask('POST', `${core}/orders`, {
    name: 'order',
    expected: [201, 409],
    headers: { authorization: `Bearer ${admission}`, 'Idempotency-Key': key, 'Content-Type': 'application/json' },
    body: JSON.stringify({
      items: [{ sku: item.sku, quantity: 1, priceMinor: item.salePriceMinor }],
      email: `${key}@example.test`,
      paymentMethod,
    }),
  })
  if (answer.status === 201) return { kind: 'placed', id: answer.json('id') }
  const problem = answer.status === 409 ? answer.json() : {}
  if (problem.code !== 'sold-out') return { kind: 'refused' }
  return { kind: problem.final ? 'sold-out' : 'held' }
}

/** Returns the status of an order; `unknown` when the request was rejected. */
export function readOrder(core, { admission, id }) {
  const answer = ask('GET', `${core}/orders/${id}`, {
    name: 'order status',
    expected: [200],
    headers: { authorization: `Bearer ${admission}` },
  })
  return answer.status === 200 ? answer.json('status') : 'unknown'
}
