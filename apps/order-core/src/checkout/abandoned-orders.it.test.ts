import { orderPlaced, problemBody } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { ADMIN_TOKEN } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { orderIdOf } from '../order/order-id.ts'
import { call, createIssuer, type RunningCore, startCore } from '../testing/running-core.ts'
import { createTestStock, type TestStock } from '../testing/stock.ts'
import { requestHashOf } from './request-hash.ts'

let stock: TestStock
let issuer: Awaited<ReturnType<typeof createIssuer>>
let core: RunningCore
beforeAll(async () => {
  ;[stock, issuer] = await Promise.all([createTestStock(), createIssuer()])
  const { databaseUrl, server } = stock
  core = await startCore({
    databaseUrl,
    redisUrl: server.url,
    jwksUrl: issuer.jwksUrl,
    settings: { COMMIT_SECONDS: '1' },
  })
  await eventually(async () => expect((await call(`${core.opsUrl}/readyz`)).body).toMatchObject({ ready: true }))
})
afterAll(async () => {
  await core?.service.stop()
  issuer?.close()
  await stock?.remove()
})

const body = { items: [{ sku: 'tea', quantity: 1 }], email: 'ann@example.org', paymentMethod: 'sim_ok' }

it('the key of an abandoned order gets 409, never 201; a new key orders on the same turn', async () => {
  const sale = await stock.createSale()
  const token = await issuer.sign({ sale, sub: 'ann', jti: 'slot-of-ann' })
  const post = (key: string, sent: object = body) =>
    call(`${core.url}/orders`, { method: 'POST', token, key, body: sent })
  // A process takes the hold and dies.
  const order = orderIdOf({ sale, buyer: 'ann', key: 'first' })
  const requestHash = requestHashOf(body)
  await stock.hold({ sale, order, slot: 'slot-of-ann', requestHash, commitWithinMs: 1 })
  await eventually(async () =>
    expect((await call(`${core.url}/orders/${order}`, { token })).body).toMatchObject({ cancelReason: 'abandoned' }),
  )
  const again = await post('first')
  expect(again.status).toBe(409)
  expect(problemBody.parse(again.body)).toMatchObject({ code: 'order-abandoned', retryable: false })
  expect((await post('first', { ...body, email: 'other@example.org' })).body).toMatchObject({ code: 'key-reused' })
  const placed = await eventually(async () => orderPlaced.parse((await post('second')).body))
  expect(placed.id).toBe(orderIdOf({ sale, buyer: 'ann', key: 'second' }))
  expect((await post('third')).body).toMatchObject({ code: 'order-exists' })
  expect((await post('first')).body).toMatchObject({ code: 'order-abandoned' })
  const { body: audit } = await call(`${core.url}/admin/sales/${sale}/stock`, { token: ADMIN_TOKEN })
  expect(audit).toMatchObject({ agree: true, skus: [{ postgres: { available: 9, held: 1 } }] })

  // A rebuild finds both.
  await stock.stockRedis.rebuild(sale, { force: true })
  expect((await post('third')).body).toMatchObject({ code: 'order-exists' })
  expect((await post('first')).body).toMatchObject({ code: 'order-abandoned' })
})

it('a slot that Redis still binds to an abandoned order is freed by the next request', async () => {
  const sale = await stock.createSale()
  const token = await issuer.sign({ sale, sub: 'ben', jti: 'slot-of-ben' })
  const order = orderIdOf({ sale, buyer: 'ben', key: 'first' })
  await stock.hold({ sale, order, buyer: 'ben', slot: 'slot-of-ben', requestHash: requestHashOf(body) })
  // It was abandoned, and the process died before it updated Redis.
  await stock.pool.query(
    `insert into orders.orders (id, sale, buyer, slot, request_hash, status, cancel_reason, total_minor, currency,
       payment_method, sealed_email, hold_expires_at, charge_by, ended_at)
     values ($1, $2, 'ben', 'slot-of-ben', '', 'cancelled', 'abandoned', 5, 'EUR', 'sim_ok', '', now(), now(), now())`,
    [order, sale],
  )
  const placed = await eventually(async () => {
    const response = await call(`${core.url}/orders`, { method: 'POST', token, key: 'second', body })
    return orderPlaced.parse(response.body)
  })
  expect(placed.items).toMatchObject([{ sku: 'tea' }])
})
