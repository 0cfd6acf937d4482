import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalServer, startStripeMock } from '@floodgate/local-servers'
import { freePort } from '@floodgate/processes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { UNPACED } from '../../testing/unpaced.ts'
import type { PaymentGateway } from '../payment-gateway.ts'
import { createStripeGateway } from './stripe-gateway.ts'

interface Seen {
  readonly request: string
  readonly status: number
}

let directory: string
let mock: LocalServer
let proxy: Server
let stripe: PaymentGateway
const seen: Seen[] = []

/** Passes requests on to Stripe's mock, and notes its responses. */
async function startProxy(): Promise<Server> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = 'GET', url = '/', headers } = request
    const passed = await fetch(`${mock.url}${url}`, {
      method,
      headers: { authorization: String(headers.authorization), 'content-type': String(headers['content-type']) },
      ...(method === 'GET' ? {} : { body: Buffer.concat(chunks) }),
    })
    seen.push({
      request: `${method} ${new URL(url, mock.url).pathname.replace(/(pi|re)_\w+/, '$1_…')}`,
      status: passed.status,
    })
    response.writeHead(passed.status, { 'content-type': 'application/json' }).end(await passed.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stripe-mock-'))
  mock = await startStripeMock({ port: await freePort(), dataDir: directory })
  proxy = await startProxy()
  stripe = createStripeGateway({
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    secretKey: 'sk_test_123',
    webhookSecrets: [],
    paymentMethodTypes: ['card', 'kakao_pay'],
    captureMethod: 'manual',
    returnUrl: 'https://shop.example/sales/{sale}?payment={order}',
    listedDays: 30,
    resilience: {
      pace: UNPACED,
      timeoutMs: 8_000,
      triesMax: 1,
      retryDelayMs: 5,
      breakerFailures: 100,
      breakerOpenMs: 100,
    },
  })
})
afterAll(async () => {
  proxy?.close()
  await mock?.stop()
  await rm(directory, { recursive: true })
})

test('every request to Stripe has the parameters that its API defines', async () => {
  const signal = new AbortController().signal
  const order = { orderId: 'order', sale: 'demo', amountMinor: 1_250, currency: 'EUR' }
  const attempt = { ...order, key: 'order', reference: null, openedAtMs: Date.now() }
  const old = { ...attempt, openedAtMs: 0 }
  const known = { ...attempt, reference: 'pi_1' }
  const refund = {
    key: 'refund',
    chargeId: 'pi_1',
    amountMinor: 50,
    currency: 'EUR',
    orderId: 'order',
    requestedAtMs: Date.now(),
  }
  await stripe.begin({ ...attempt, paymentMethod: 'pm_card_visa' }, signal)
  await stripe.begin({ ...old, paymentMethod: 'pm_card_visa' }, signal)
  await stripe.resume({ ...known, proof: {} }, signal)
  await stripe.lookUp(known, signal)
  await stripe.close(known, signal)
  await stripe.close(attempt, signal)
  await stripe.capture('pi_1', signal)
  await stripe.refund(refund, signal)
  await stripe.refund({ ...refund, isAuthorized: true }, signal)
  await stripe.refund({ ...refund, reference: 're_1' }, signal)
  await stripe.refund({ ...refund, requestedAtMs: 0 }, signal)
  await stripe.listCharges(signal)
  await stripe.probe(signal)
  expect([...new Set(seen.map(({ request }) => request))].sort()).toEqual([
    'GET /v1/charges',
    'GET /v1/payment_intents',
    'GET /v1/payment_intents/pi_…',
    'GET /v1/refunds',
    'GET /v1/refunds/re_…',
    'POST /v1/payment_intents',
    'POST /v1/payment_intents/pi_…/cancel',
    'POST /v1/payment_intents/pi_…/capture',
    'POST /v1/refunds',
  ])
  expect(seen.filter(({ status }) => status !== 200)).toEqual([])
})
