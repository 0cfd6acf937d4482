import { createCipheriv, createHash, randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type FloodgateEvent,
  type OrderPage,
  type PublicOrderStatus,
  type SimulatorControl,
  simulatedCharges,
} from '@floodgate/contracts'
import { startPaymentSimulator } from '@floodgate/simulators'
import { startAppStores } from '@floodgate/testkit'
import { ADMIN_TOKEN, startApp } from '@floodgate/testkit/fixtures'
import { createApp } from '../app.ts'
import { definition } from '../config.ts'

const paymentKey = Buffer.alloc(32, 5)

/** Seals as the order core does (RFC 7516, `dir`, A256GCM). */
const seal = (text: string, key: Buffer): string => {
  const kid = createHash('sha256').update('floodgate key id').update(key).digest('base64url').slice(0, 16)
  const header = Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM', kid })).toString('base64url')
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(header))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return [header, '', ...[iv, sealed, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join('.')
}

interface CoreState {
  mode: 'yes' | 'no' | 'down'
  asked: number
  orders: OrderPage['orders']
  /** Of every order; undefined: by the mode. */
  status: PublicOrderStatus | undefined
}

/** Responds to the route that tells whether an order may be charged, like the order core. */
const startOrderCore = async () => {
  const state: CoreState = { mode: 'yes', asked: 0, orders: [], status: undefined }
  const server = createServer((request, response) => {
    state.asked += 1
    if (state.mode === 'down') return void request.socket.destroy()
    response.setHeader('content-type', 'application/json')
    const path = new URL(request.url ?? '', 'http://core').pathname
    if (path === '/admin/orders') return void response.end(JSON.stringify({ orders: state.orders, next: null }))
    const [, , , order = '', question] = path.split('/')
    if (question === undefined) return void response.writeHead(404).end('{}')
    const chargeable = state.mode === 'yes'
    const status = state.status ?? (chargeable ? 'pending' : 'cancelled')
    response.end(JSON.stringify({ order, chargeable, status }))
  })
  const listening = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', () => listening.resolve())
  await listening.promise
  return {
    state,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

interface FixtureServers {
  readonly database?: { readonly url: string; drop(): Promise<void> }
  readonly simulator?: { readonly url: string; stop(): Promise<void> }
}

/** Starts everything a worker needs, on real servers. */
export async function startFixture(given: FixtureServers = {}) {
  const [stores, simulator, orderCore] = await Promise.all([
    startAppStores(given.database),
    given.simulator ?? startPaymentSimulator(),
    startOrderCore(),
  ])
  const { pool, redis, publish } = stores
  const settings: Record<string, string> = {
    ...stores.settings,
    PAYMENT_KEY: paymentKey.toString('base64url'),
    GATEWAY_URL: simulator.url,
    ORDER_CORE_URL: orderCore.url,
    GATEWAY_TIMEOUT_MS: '400',
    GATEWAY_RETRY_DELAY_MS: '20',
    BREAKER_OPEN_MS: '200',
    SWEEP_MS: '100',
    ENVIRONMENT: 'development',
  }

  const control = async (behaviour: Partial<SimulatorControl> & { mode: SimulatorControl['mode'] }) => {
    const headers = { 'content-type': 'application/json' }
    await fetch(`${simulator.url}/control`, { method: 'POST', headers, body: JSON.stringify(behaviour) })
  }
  const charges = async () => simulatedCharges.parse(await (await fetch(`${simulator.url}/charges`)).json()).charges
  const paymentEvents = async () => {
    const { rows } = await pool.query<{ type: string; key: string; version: number }>(
      'select type, key, version from payments.outbox order by id',
    )
    return rows
  }
  const chargeStatus = async (order: string) => {
    const { rows } = await pool.query<{ status: string }>('select status from payments.charges where order_id = $1', [
      order,
    ])
    return rows[0]?.status
  }

  const startWorker = (changes: Record<string, string> = {}) =>
    startApp(definition, createApp, { ...settings, ...changes })

  const stop = async () => {
    await Promise.all([simulator.stop(), orderCore.stop()])
    await stores.remove()
  }
  const { state: core } = orderCore
  return {
    ...{ pool, redis, adminToken: ADMIN_TOKEN, settings, control, charges, paymentEvents, chargeStatus },
    ...{ startWorker, publish, core, stop },
  }
}

export type Fixture = Awaited<ReturnType<typeof startFixture>>

interface OrderChanges {
  readonly order?: string
  readonly paymentMethod?: string
  readonly chargeBy?: Date
  readonly totalMinor?: number
  readonly currency?: string
}

/** Builds the events of one order's life. */
export function createOrder(changes: OrderChanges = {}) {
  const inTenMinutes = new Date(Date.now() + 600_000)
  const totalMinor = changes.totalMinor ?? 1_250
  const order = {
    order: changes.order ?? randomUUID(),
    sale: 'demo',
    buyer: 'buyer-1',
    slot: 'slot-1',
    items: [{ sku: 'lamp', quantity: 1, priceMinor: totalMinor }],
    totalMinor,
    currency: changes.currency ?? 'EUR',
    createdAt: new Date().toISOString(),
    holdExpiresAt: inTenMinutes.toISOString(),
  }
  const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`
  const common = { source: '/test', time: new Date().toISOString(), traceparent }
  const sealedEmail = 'sealed'
  const paymentMethod = changes.paymentMethod ?? 'sim_ok'
  const chargeBy = (changes.chargeBy ?? inTenMinutes).toISOString()
  return {
    id: order.order,
    placed: (key: Buffer = paymentKey): FloodgateEvent => ({
      ...common,
      type: 'order.placed.v2',
      id: randomUUID(),
      aggregateVersion: 1,
      data: { ...order, sealedPaymentMethod: seal(paymentMethod, key), chargeBy },
    }),
    placedDamaged: (): FloodgateEvent => ({
      ...common,
      type: 'order.placed.v2',
      id: randomUUID(),
      aggregateVersion: 1,
      data: {
        ...order,
        sealedPaymentMethod: seal(paymentMethod, paymentKey).replace(/[^.]+$/, 'A'.repeat(22)),
        chargeBy,
      },
    }),
    /** Builds the event as an older order core publishes it. */
    placedInClear: (): FloodgateEvent => ({
      ...common,
      type: 'order.placed.v1',
      id: randomUUID(),
      aggregateVersion: 1,
      data: { ...order, paymentMethod, chargeBy },
    }),
    confirmed: (): FloodgateEvent => ({
      ...common,
      type: 'order.confirmed.v1',
      id: randomUUID(),
      aggregateVersion: 2,
      data: { ...order, sealedEmail },
    }),
    cancelled: (): FloodgateEvent => ({
      ...common,
      type: 'order.cancelled.v1',
      id: randomUUID(),
      aggregateVersion: 2,
      data: { ...order, reason: 'by-buyer', sealedEmail },
    }),
    buyerReturned: (proof?: Readonly<Record<string, string>>, key: Buffer = paymentKey): FloodgateEvent => ({
      ...common,
      type: 'order.buyer-returned.v1',
      id: randomUUID(),
      aggregateVersion: 2,
      data: {
        order: order.order,
        sale: order.sale,
        ...(proof === undefined ? {} : { sealedProof: seal(JSON.stringify(proof), key) }),
      },
    }),
    /** Requests one refund of the paid order. */
    partRefundRequested: (refund: { id: string; amountMinor: number }, aggregateVersion = 3): FloodgateEvent => ({
      ...common,
      type: 'order.refund-requested.v1',
      id: randomUUID(),
      aggregateVersion,
      data: {
        ...{ ...order, sealedEmail },
        refund: { ...refund, items: [], restock: false, orderStatus: 'confirmed', refundsMinor: refund.amountMinor },
      },
    }),
    refundRequested: (aggregateVersion = 3): FloodgateEvent => ({
      ...common,
      type: 'order.refund-requested.v1',
      id: randomUUID(),
      aggregateVersion,
      data: { ...order, sealedEmail },
    }),
  }
}
