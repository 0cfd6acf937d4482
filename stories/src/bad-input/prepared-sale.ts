import type { Outgoing, Received } from '@floodgate/client'
import {
  notifierRoutes,
  orderCoreRoutes,
  type ProblemCode,
  paymentWorkerRoutes,
  waitingRoomRoutes,
} from '@floodgate/contracts'
import { afterEach, beforeAll, expect } from 'vitest'
import type { Buyer } from '../client/buyer.ts'
import { coat } from '../client/coats.ts'
import { problemOf, send } from '../client/http.ts'
import { type TestSystem, withSystem } from '../client/test-system.ts'
import { addressOf, type Bearer, type Route, routesOf } from './routes.ts'
import { createForger, type Forger } from './tokens.ts'

export const SALE = 'untouched'
const OTHER_SALE = 'elsewhere'

/** A sale with a pending order, and all clients whose tokens a bad request may carry. */
export interface PreparedSale {
  readonly testSystem: TestSystem
  readonly routes: readonly Route[]
  readonly forger: Forger
  /** Has a pending order in the sale. */
  readonly owner: Buyer
  /** Is inside the same sale, without an order. */
  readonly stranger: Buyer
  /** Is inside another sale. */
  readonly elsewhere: Buyer
  readonly order: string
  /** Returns the routes, except sockets, that these callers may use. */
  bearing(bearer: Bearer): Route[]
  /** Returns the headers of a valid request, except for the token where one is given. */
  headersFor(bearer: Bearer, wrongToken?: string): Record<string, string>
  /** Valid values of path parameters. */
  readonly rightValues: Readonly<Record<string, string>>
  /** Sends a request to the route and expects this problem. */
  expectProblemOf(route: Route, sent: Outgoing, code: ProblemCode): Promise<void>
}

/** Prepares the sale once per file, and fails a test that has changed it. */
export function prepareSaleOnce(): () => PreparedSale {
  const testSystem = withSystem()
  let prepared: PreparedSale | undefined
  let before: unknown
  const currentSale = (): PreparedSale => {
    if (prepared === undefined) throw new Error('The sale is not prepared.')
    return prepared
  }
  beforeAll(async () => {
    prepared = await prepare(testSystem())
    before = await everything(prepared)
  })
  afterEach(async () => {
    expect(await everything(currentSale())).toEqual(before)
  })
  return currentSale
}

async function prepare(testSystem: TestSystem): Promise<PreparedSale> {
  const { operator, provider, system } = testSystem
  // The order stays pending, so that cancelling it would show.
  await provider.behave({ mode: 'fail' })
  await operator.openSale(SALE, { items: [coat(10)], maxActive: 3 })
  await operator.openSale(OTHER_SALE, { items: [coat(10)] })
  const owner = await testSystem.admitted('owner', SALE)
  const order = (await owner.order()).id
  const { urls } = system
  const routes = [
    ...routesOf(urls.waitingRoom, waitingRoomRoutes),
    ...routesOf(urls.orderCore, orderCoreRoutes),
    ...routesOf(urls.paymentWorker, paymentWorkerRoutes),
    ...routesOf(urls.notifier, notifierRoutes),
  ]
  const rightValues = { sale: SALE, id: order, order, slot: 'no-such-slot' }
  const tokens = {
    nobody: undefined,
    operator: system.adminToken,
    ticket: owner.ticket(),
    admission: owner.admission(),
  }
  return {
    testSystem,
    routes,
    owner,
    stranger: await testSystem.admitted('stranger', SALE),
    elsewhere: await testSystem.admitted('elsewhere', OTHER_SALE),
    order,
    forger: await createForger(system.dataDir),
    rightValues,
    bearing: (bearer) => routes.filter((route) => route.bearer === bearer && !route.isSocket),
    headersFor(bearer, wrongToken) {
      const token = wrongToken ?? tokens[bearer]
      return {
        'idempotency-key': 'bad-input-with-a-long-enough-key',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      }
    },
    expectProblemOf: async (route, sent, code) =>
      expectOneOf(await send(route.method, addressOf(route, rightValues), sent), [code]),
  }
}

/** Reads everything that a bad request might have changed. */
async function everything({ testSystem, owner, stranger }: PreparedSale): Promise<unknown> {
  const { operator, provider } = testSystem
  const [sale, other, stock, orders, strangers, charges] = await Promise.all([
    operator.sale(SALE),
    operator.sale(OTHER_SALE),
    operator.stock(SALE),
    owner.listOrders(),
    stranger.listOrders(),
    provider.charges(),
  ])
  // That payments are delayed is no change of the order.
  const undelayed = orders.map(({ paymentDelayed: _, ...order }) => order)
  return { sale, other, stock, orders: undelayed, strangers, charges }
}

export function expectOneOf(response: Received, codes: readonly ProblemCode[]): void {
  const { code } = problemOf(response)
  expect(codes, `${response.request} answered ${response.text.slice(0, 300)}`).toContain(code)
}
