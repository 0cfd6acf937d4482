import { createAdmissionVerifier } from '@floodgate/admission'
import { createPool } from '@floodgate/database'
import {
  createClientAddressOf,
  createEnforcedLimit,
  createHttpApp,
  mountRoutes,
  problemResponse,
  toAppError,
} from '@floodgate/http'
import { createLinkVerifier, type LinkKeyRing } from '@floodgate/order-link'
import { noteResponse } from '@floodgate/testkit'
import { ADMIN_TOKEN, createIssuer, silentLogger } from '@floodgate/testkit/fixtures'
import type { JSONWebKeySet } from 'jose'
import type { Pool } from 'pg'
import { Registry } from 'prom-client'
import { expect } from 'vitest'
import type { z } from 'zod'
import { api } from '../api.ts'
import { createSeal } from '../checkout/seal.ts'
import type { OrderFact } from '../order/decide.ts'
import { orderRoutes } from '../orders/buyer-routes.ts'
import { operatorRoutes } from '../orders/operator-routes.ts'
import { createOrderAccess } from '../orders/order-access.ts'
import { parkedRoutes } from '../orders/parked-routes.ts'
import { createReadBuyerOrder } from '../orders/read-orders.ts'
import { refundRoutes } from '../orders/refund-routes.ts'
import { resumeRoute } from '../orders/resume-route.ts'
import { createRefundChanges } from '../refunds/change-refunds.ts'
import { createRequestRefund } from '../refunds/request-refund.ts'
import { asUnavailable } from '../unavailable.ts'
import { createTestLedger, type TestLedger, testSale } from './ledger.ts'
import { createTestRefundDeps } from './refunds.ts'
import { createTestTransitions } from './transitions.ts'

/** Origin of a page that may call these routes. */
export const pageOrigin = 'https://tickets.shop.example'
export const linkKeys: LinkKeyRing = [{ kid: 'link-key', bytes: Buffer.alloc(32, 5) }]
const log = silentLogger

/** Creates a signer of admissions by buyer name, without serving its key. */
export async function createSigner() {
  const issuer = await createIssuer({
    claims: () => ({ sale: testSale, iat: Math.floor(Date.now() / 1_000) - 100_000 }),
  })
  const claimsOf = (buyer: string) => ({ sub: buyer, jti: `slot-of-${buyer}` })
  return {
    jwks: issuer.jwks,
    sign: (buyer: string, more: object = {}, typ = 'JWT') => issuer.sign({ ...claimsOf(buyer), ...more }, { typ }),
    unsigned: (buyer: string) => issuer.unsigned(claimsOf(buyer)),
  }
}

const createRoutesOn = (pool: Pool, jwks: JSONWebKeySet) => {
  const app = createHttpApp({
    log,
    metrics: new Registry(),
    allowedOrigins: [pageOrigin],
    operators: { routes: api.routes, adminToken: ADMIN_TOKEN },
  })
  app.onError((error, c) => problemResponse(toAppError(asUnavailable(error)), c))
  const verifier = createAdmissionVerifier({ jwks, issuer: 'floodgate', audience: 'order-core' })
  const { apply } = createTestTransitions(pool)
  const refundDeps = createTestRefundDeps(pool)
  const requestRefund = createRequestRefund(refundDeps)
  const accessOrder = createOrderAccess({
    verifier,
    verifyLink: createLinkVerifier(linkKeys),
    readOrder: createReadBuyerOrder(pool),
  })
  const limit = createEnforcedLimit({ name: 'order-reads', perSecond: 0, burst: 1 }, { countLimited: () => undefined })
  const wakeRelay = () => undefined
  const routes = [
    resumeRoute({ pool, accessOrder, limit, wakeRelay, seal: createSeal(linkKeys) }),
    ...orderRoutes({ pool, accessOrder, apply, requestRefund, verifier, limit }),
    ...operatorRoutes({ pool, apply, repeatRefunds: createRefundChanges(refundDeps).repeat }),
    ...refundRoutes({ pool, requestRefund }),
    ...parkedRoutes({ pool, apply, wakeHold: async () => undefined, log }),
  ]
  mountRoutes(app, routes, { clientAddressOf: createClientAddressOf({ trustedHops: 0 }) })
  return app
}

export interface OrderApp {
  readonly ledger: TestLedger
  readonly signer: Awaited<ReturnType<typeof createSigner>>
  ask(method: string, path: string, options?: { token?: string | undefined; body?: unknown }): Promise<Response>
  send(method: string, path: string, headers: Record<string, string>): Promise<Response>
  post(path: string, options: { body: object; headers: Record<string, string> }): Promise<Response>
  askAs(buyer: string, method: string, path: string): Promise<Response>
  /** Calls the same routes on an unavailable database. */
  askWhileAway(method: string, path: string, options: { token: string }): Promise<Response>
  /** Places an order of two items, and applies these facts to it. */
  place(buyer: string, facts?: readonly OrderFact[]): Promise<string>
  remove(): Promise<void>
}

/** Calls the app without a server, and records the response like one over HTTP. */
async function ask(
  app: ReturnType<typeof createRoutesOn>,
  path: string,
  init: { readonly method: string; readonly headers: Record<string, string>; readonly body?: string },
): Promise<Response> {
  const response = await app.request(path, init)
  noteResponse({ method: init.method, path, status: response.status })
  return response
}

/** Creates the routes about existing orders, on a ledger of their own, without a listening server. */
export async function createOrderApp(): Promise<OrderApp> {
  const [ledger, signer] = await Promise.all([createTestLedger(), createSigner()])
  const nowhere = createPool('postgresql://nobody@127.0.0.1:1/nothing', { max: 1 })
  const routes = createRoutesOn(ledger.pool, signer.jwks)
  const routesAway = createRoutesOn(nowhere, signer.jwks)
  const transitions = createTestTransitions(ledger.pool)
  const withToken = (method: string, token: string | undefined, body?: unknown) => ({
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return {
    ledger,
    signer,
    ask: (method, path, { token, body } = {}) => ask(routes, path, withToken(method, token, body)),
    send: (method, path, headers) => ask(routes, path, { method, headers }),
    post: (path, { body, headers }) =>
      ask(routes, path, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    askAs: async (buyer, method, path) => ask(routes, path, withToken(method, await signer.sign(buyer))),
    askWhileAway: (method, path, { token }) => ask(routesAway, path, withToken(method, token)),
    place: async (buyer, facts = []) => {
      const [id] = await ledger.place([{ buyer, skus: ['apple', 'bread'] }])
      const order = String(id)
      await transitions.apply(facts.map((fact) => ({ order, fact })))
      return order
    },
    remove: async () => {
      await nowhere.end()
      await ledger.remove()
    },
  }
}

export async function expectBody<Schema extends z.ZodType>(response: Response, schema: Schema) {
  expect(response.status).toBe(200)
  expect(response.headers.get('cache-control')).toBe('no-store')
  return schema.parse(await response.json())
}
