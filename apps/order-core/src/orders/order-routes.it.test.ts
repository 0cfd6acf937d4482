import { randomUUID } from 'node:crypto'
import { createAdmissionVerifier } from '@floodgate/admission'
import {
  chargeability,
  operatorOrderResource,
  orderList,
  orderResource,
  problemBody,
  purchaseTrace,
} from '@floodgate/contracts'
import { createPool } from '@floodgate/database'
import { createHttpApp, createLogger, problemResponse, toAppError, traceIdOfRequest } from '@floodgate/service'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import type { Pool } from 'pg'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { OrderFact } from '../saga/decide.ts'
import { createSagaMetrics } from '../saga/saga-metrics.ts'
import { createTransitions, type Transitions } from '../saga/transitions.ts'
import { createTestLedger, type TestLedger, testSale } from '../testing/ledger.ts'
import { refusedWhileAway } from '../unavailable.ts'
import { mountOrderRoutes } from './mount-order-routes.ts'
import { createOwnOrder } from './own-order.ts'
import { createReadShownOrder } from './read-orders.ts'

const adminToken = 'an-operator-token-for-tests'
const log = createLogger({ app: 'order-core', level: 'silent' })

const createIssuer = async () => {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'EdDSA', use: 'sig' }] }
  const claims = (buyer: string, more: object) => {
    const seconds = Math.floor(Date.now() / 1_000)
    const times = { iat: seconds - 100_000, exp: seconds + 60 }
    return {
      iss: 'floodgate',
      aud: 'order-core',
      sub: buyer,
      jti: `slot-of-${buyer}`,
      sale: testSale,
      ...times,
      ...more,
    }
  }
  return {
    jwks,
    sign: (buyer: string, more: object = {}) =>
      new SignJWT(claims(buyer, more)).setProtectedHeader({ alg: 'EdDSA', kid: 'key-1' }).sign(privateKey),
    unsigned: (buyer: string) => new UnsecuredJWT(claims(buyer, {})).encode(),
  }
}

let ledger: TestLedger
let issuer: Awaited<ReturnType<typeof createIssuer>>
let transitions: Transitions
let core: ReturnType<typeof createCore>
beforeAll(async () => {
  ledger = await createTestLedger()
  issuer = await createIssuer()
  transitions = createTransitionsOn(ledger.pool)
  core = createCore(ledger.pool, transitions)
})
afterAll(() => ledger.remove())

const createTransitionsOn = (pool: Pool) =>
  createTransitions({
    pool,
    log,
    metrics: createSagaMetrics(new Registry()),
    wakeRelay: () => undefined,
    settle: async (entries) => entries.map(() => 'settled' as const),
  })

const createCore = (pool: Pool, { apply }: Transitions) => {
  const app = createHttpApp({
    title: 'Order core',
    description: '',
    log,
    metrics: new Registry(),
    checks: {},
    allowedOrigins: [],
  })
  app.onError((error, c) => problemResponse(toAppError(refusedWhileAway(error)), traceIdOfRequest(c)))
  const verifier = createAdmissionVerifier({ jwks: issuer.jwks, issuer: 'floodgate', audience: 'order-core' })
  mountOrderRoutes(app, { pool, ownOrder: createOwnOrder(createReadShownOrder(pool)), apply, verifier, adminToken })
  return app
}

const ask = async (
  method: string,
  path: string,
  { token, on = core }: { token?: string | undefined; on?: typeof core } = {},
) => on.request(path, { method, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })

const askAs = async (buyer: string, method: string, path: string) =>
  ask(method, path, { token: await issuer.sign(buyer) })

const place = async (buyer: string, facts: readonly OrderFact[] = []) => {
  const [id] = await ledger.place([{ buyer, skus: ['apple', 'bread'] }])
  const order = String(id)
  await transitions.apply(facts.map((fact) => ({ order, fact })))
  return order
}

const expectBody = async <Schema extends z.ZodType>(response: Response, schema: Schema, status = 200) => {
  expect(response.status).toBe(status)
  expect(response.headers.get('cache-control')).toBe('no-store')
  return schema.parse(await response.json())
}

const expectProblem = async (response: Response, code: string) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const problem = problemBody.parse(await response.json())
  expect(problem).toMatchObject({ code, status: response.status })
  return problem
}

describe('a buyer', () => {
  it('reads an order of their own, and all of them, newest first', async () => {
    const [first, second] = [await place('ann'), await place('ann', ['payment-succeeded'])]
    await place('bob')
    const order = await expectBody(await askAs('ann', 'GET', `/orders/${first}`), orderResource)
    expect(order).toMatchObject({ id: first, status: 'pending', totalMinor: 200, currency: 'EUR', version: 1 })
    expect(order.items.map(({ sku }) => sku)).toEqual(['apple', 'bread'])
    const { orders } = await expectBody(await askAs('ann', 'GET', '/orders'), orderList)
    expect(orders.map(({ id, status }) => [id, status])).toEqual([
      [second, 'confirmed'],
      [first, 'pending'],
    ])
  })

  it('is shown 100 orders at most', async () => {
    await ledger.place(Array.from({ length: 105 }, () => ({ buyer: 'many', skus: ['apple'] })))
    expect((await expectBody(await askAs('many', 'GET', '/orders'), orderList)).orders).toHaveLength(100)
  })

  it('cancels a pending order, and may say so again', async () => {
    const order = await place('ann')
    const cancelled = { id: order, status: 'cancelled', cancelReason: 'by-buyer', version: 2 }
    for (const _ of ['once', 'again'])
      expect(await expectBody(await askAs('ann', 'DELETE', `/orders/${order}`), orderResource)).toMatchObject(cancelled)
  })

  it.each<[string, OrderFact[], string]>([
    ['a paid', ['payment-succeeded'], 'confirmed'],
    ['an order whose money goes back as', ['hold-expired', 'payment-succeeded'], 'refund_pending'],
    ['a refunded', ['hold-expired', 'payment-succeeded', 'payment-refunded'], 'refunded'],
  ])('can not cancel %s order', async (_, facts, state) => {
    const response = await askAs('ann', 'DELETE', `/orders/${await place('ann', facts)}`)
    expect(response.status).toBe(409)
    expect(await expectProblem(response, 'order-not-cancellable')).toMatchObject({ state })
  })

  it('sees a parked refund as one that is on its way', async () => {
    const order = await place('ann', ['hold-expired', 'payment-succeeded', 'payment-refund-refused'])
    const shown = await expectBody(await askAs('ann', 'GET', `/orders/${order}`), orderResource)
    expect(shown.status).toBe('refund_pending')
  })

  it('may come with an admission that ended less than a day ago', async () => {
    const order = await place('ann')
    const ended = (secondsAgo: number) => issuer.sign('ann', { exp: Math.floor(Date.now() / 1_000) - secondsAgo })
    expect((await ask('GET', `/orders/${order}`, { token: await ended(86_000) })).status).toBe(200)
    await expectProblem(await ask('GET', `/orders/${order}`, { token: await ended(86_500) }), 'admission-expired')
  })
})

describe('whoever is not the buyer', () => {
  const requests = [
    ['GET', '/orders'],
    ['GET', '/orders/ID'],
    ['DELETE', '/orders/ID'],
  ] as const
  const strangers: [string, string, number, () => Promise<string | undefined>][] = [
    ['nobody', 'admission-missing', 401, async () => undefined],
    ['a forger', 'admission-invalid', 401, async () => (await createIssuer()).sign('ann')],
    ['an unsigned token', 'admission-invalid', 401, async () => issuer.unsigned('ann')],
    ['a token for another audience', 'admission-invalid', 401, async () => issuer.sign('ann', { aud: 'other' })],
  ]
  const refusals = requests.flatMap(([method, path]) =>
    strangers.map(([who, code, status, token]) => ({ method, path, who, code, status, token })),
  )

  it.each(refusals)('$who: $method $path is refused with $code', async ({ method, path, code, status, token }) => {
    const order = await place('ann')
    const response = await ask(method, path.replace('ID', order), { token: await token() })
    expect(response.status).toBe(status)
    await expectProblem(response, code)
    expect((await ledger.pool.query('select status from orders.orders where id = $1', [order])).rows).toEqual([
      { status: 'pending' },
    ])
  })

  it.each(['GET', 'DELETE'])('%s: an order of another buyer, or of another sale, is not there', async (method) => {
    const order = await place('ann')
    await expectProblem(await askAs('bob', method, `/orders/${order}`), 'not-found')
    const elsewhere = await issuer.sign('ann', { sale: 'other' })
    await expectProblem(await ask(method, `/orders/${order}`, { token: elsewhere }), 'not-found')
    await expectProblem(await askAs('ann', method, `/orders/${randomUUID()}`), 'not-found')
    const left = await expectBody(await askAs('ann', 'GET', `/orders/${order}`), orderResource)
    expect(left.status).toBe('pending')
  })

  it.each(['GET', 'DELETE'])('%s: a malformed id is an invalid request', async (method) => {
    await expectProblem(await askAs('ann', method, '/orders/not-an-id'), 'invalid-request')
  })
})

describe('the operator', () => {
  const asOperator = (method: string, path: string) => ask(method, path, { token: adminToken })

  it.each([
    ['GET', '/admin/orders/ID'],
    ['DELETE', '/admin/orders/ID'],
    ['GET', '/admin/orders/ID/chargeability'],
    ['POST', '/admin/orders/ID/refund'],
    ['GET', '/admin/traces/ID'],
  ])('alone may %s %s', async (method, path) => {
    const order = await place('ann')
    const at = path.replace('ID', order)
    for (const token of [undefined, 'wrong-operator-token', await issuer.sign('ann')])
      await expectProblem(await ask(method, at, { token }), 'unauthorized')
    await expectProblem(await asOperator(method, path.replace('ID', randomUUID())), 'not-found')
    await expectProblem(await asOperator(method, path.replace('ID', 'nonsense')), 'invalid-request')
  })

  it('sees an order whole and cancels it while it is pending', async () => {
    const order = await place('ann')
    const seen = await expectBody(await asOperator('GET', `/admin/orders/${order}`), operatorOrderResource)
    expect(seen).toMatchObject({ buyer: 'ann', status: 'pending', endedAt: null })
    const after = await expectBody(await asOperator('DELETE', `/admin/orders/${order}`), operatorOrderResource)
    expect(after).toMatchObject({ status: 'cancelled', cancelReason: 'by-operator' })
    expect(after.endedAt).not.toBeNull()
    const paid = await place('ann', ['payment-succeeded'])
    await expectProblem(await asOperator('DELETE', `/admin/orders/${paid}`), 'order-not-cancellable')
  })

  it('asks again for a refund that was refused', async () => {
    const order = await place('ann', ['hold-expired', 'payment-succeeded', 'payment-refund-refused'])
    for (const _ of ['once', 'again']) {
      const after = await expectBody(await asOperator('POST', `/admin/orders/${order}/refund`), operatorOrderResource)
      expect(after).toMatchObject({ status: 'refund_pending', version: 5 })
    }
    const paid = await place('ann', ['payment-succeeded'])
    await expectProblem(await asOperator('POST', `/admin/orders/${paid}/refund`), 'order-not-refundable')
  })

  it('is told whether an order may be charged', async () => {
    const [overdue] = await ledger.place([{ buyer: 'late', skus: ['apple'] }], { holdMs: 0 })
    const answer = async (order: string) =>
      expectBody(await asOperator('GET', `/admin/orders/${order}/chargeability`), chargeability)
    expect(await answer(await place('ann'))).toMatchObject({ chargeable: true, status: 'pending' })
    expect(await answer(String(overdue))).toMatchObject({ chargeable: false, status: 'pending' })
    const over = await place('ann', ['cancelled-by-buyer'])
    expect(await answer(over)).toEqual({ order: over, chargeable: false, status: 'cancelled' })
  })

  it('can follow a purchase', async () => {
    const order = await place('ann', ['hold-expired', 'payment-succeeded', 'payment-refunded'])
    const trace = await expectBody(await asOperator('GET', `/admin/traces/${order}`), purchaseTrace)
    expect(trace).toMatchObject({ order, sale: testSale })
    const steps = trace.steps.map(({ step, detail }) => `${step} ${detail ?? ''}`.trim())
    expect(steps).toEqual(
      expect.arrayContaining([
        'order.held 1 × apple, 1 × bread',
        'order.committed',
        'order.cancelled expired',
        'order.refunded',
        'outbox.waiting order.refund-requested.v1',
      ]),
    )
  })
})

describe('while Postgres is away', () => {
  it('every route is unavailable and says when to come back', async () => {
    const nowhere = createPool('postgresql://nobody@127.0.0.1:1/nothing', { max: 1 })
    const on = createCore(nowhere, createTransitionsOn(nowhere))
    const token = await issuer.sign('ann')
    const requests: [string, string, string][] = [
      ['GET', '/orders', token],
      ['GET', `/orders/${randomUUID()}`, token],
      ['DELETE', `/orders/${randomUUID()}`, token],
      ['DELETE', `/admin/orders/${randomUUID()}`, adminToken],
      ['GET', `/admin/traces/${randomUUID()}`, adminToken],
    ]
    for (const [method, path, bearer] of requests) {
      const response = await ask(method, path, { token: bearer, on })
      expect(response.headers.get('retry-after')).toBe('1')
      await expectProblem(response, 'unavailable')
    }
    await nowhere.end()
  })
})
