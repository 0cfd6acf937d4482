import { randomUUID } from 'node:crypto'
import { orderList, orderResource } from '@floodgate/contracts'
import { expectProblem } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OrderFact } from '../order/decide.ts'
import { createOrderApp, createSigner, expectBody, type OrderApp } from '../testing/order-app.ts'

let app: OrderApp
beforeAll(async () => {
  app = await createOrderApp()
})
afterAll(() => app.remove())

describe('a buyer', () => {
  it('reads an order of their own, and all of them, newest first', async () => {
    const [first, second] = [await app.place('ann'), await app.place('ann', ['payment-succeeded'])]
    await app.place('bob')
    const order = await expectBody(await app.askAs('ann', 'GET', `/orders/${first}`), orderResource)
    expect(order).toMatchObject({ id: first, status: 'pending', totalMinor: 200, currency: 'EUR', version: 1 })
    expect(order.items.map(({ sku }) => sku)).toEqual(['apple', 'bread'])
    const { orders } = await expectBody(await app.askAs('ann', 'GET', '/orders'), orderList)
    expect(orders.map(({ id, status }) => [id, status])).toEqual([
      [second, 'confirmed'],
      [first, 'pending'],
    ])
  })

  it('sees at most 100 orders', async () => {
    await app.ledger.place(Array.from({ length: 105 }, () => ({ buyer: 'many', skus: ['apple'] })))
    expect((await expectBody(await app.askAs('many', 'GET', '/orders'), orderList)).orders).toHaveLength(100)
  })

  it('cancels a pending order, and may repeat it', async () => {
    const order = await app.place('ann')
    const cancelled = { id: order, status: 'cancelled', cancelReason: 'by-buyer', version: 2 }
    for (const _ of ['once', 'again'])
      expect(await expectBody(await app.askAs('ann', 'DELETE', `/orders/${order}`), orderResource)).toMatchObject(
        cancelled,
      )
  })

  it.each<[string, OrderFact[], string]>([
    ['a paid', ['payment-succeeded'], 'confirmed'],
    ['an order whose refund is', ['hold-expired', 'payment-succeeded'], 'refund_pending'],
    ['a refunded', ['hold-expired', 'payment-succeeded', 'payment-refunded'], 'refunded'],
  ])('cannot cancel %s order', async (_, facts, state) => {
    const response = await app.askAs('ann', 'DELETE', `/orders/${await app.place('ann', facts)}`)
    expect(response.status).toBe(409)
    expect(await expectProblem(response, 'order-not-cancellable')).toMatchObject({ state })
  })

  it('shows a parked refund as one in progress', async () => {
    const order = await app.place('ann', ['hold-expired', 'payment-succeeded', 'payment-refund-refused'])
    const shown = await expectBody(await app.askAs('ann', 'GET', `/orders/${order}`), orderResource)
    expect(shown.status).toBe('refund_pending')
  })

  it('may use an admission that expired less than a day ago', async () => {
    const order = await app.place('ann')
    const ended = (secondsAgo: number) => app.signer.sign('ann', { exp: Math.floor(Date.now() / 1_000) - secondsAgo })
    expect((await app.ask('GET', `/orders/${order}`, { token: await ended(86_000) })).status).toBe(200)
    await expectProblem(await app.ask('GET', `/orders/${order}`, { token: await ended(86_500) }), 'admission-expired')
  })
})

describe('another buyer', () => {
  const requests = [
    ['GET', '/orders'],
    ['GET', '/orders/ID'],
    ['DELETE', '/orders/ID'],
  ] as const
  const strangers: [string, string, number, () => Promise<string | undefined>][] = [
    ['nobody', 'admission-missing', 401, async () => undefined],
    ['a forger', 'admission-invalid', 401, async () => (await createSigner()).sign('ann')],
    ['an unsigned token', 'admission-invalid', 401, async () => app.signer.unsigned('ann')],
    ['a token for another audience', 'admission-invalid', 401, async () => app.signer.sign('ann', { aud: 'other' })],
  ]
  const problems = requests.flatMap(([method, path]) =>
    strangers.map(([who, code, status, token]) => ({ method, path, who, code, status, token })),
  )

  it.each(problems)('$who: $method $path is rejected with $code', async ({ method, path, code, status, token }) => {
    const order = await app.place('ann')
    const response = await app.ask(method, path.replace('ID', order), { token: await token() })
    expect(response.status).toBe(status)
    await expectProblem(response, code)
    expect((await app.ledger.pool.query('select status from orders.orders where id = $1', [order])).rows).toEqual([
      { status: 'pending' },
    ])
  })

  it.each(['GET', 'DELETE'])('%s: an order of another buyer, or of another sale, is not found', async (method) => {
    const order = await app.place('ann')
    await expectProblem(await app.askAs('bob', method, `/orders/${order}`), 'not-found')
    const elsewhere = await app.signer.sign('ann', { sale: 'other' })
    await expectProblem(await app.ask(method, `/orders/${order}`, { token: elsewhere }), 'not-found')
    await expectProblem(await app.askAs('ann', method, `/orders/${randomUUID()}`), 'not-found')
    const left = await expectBody(await app.askAs('ann', 'GET', `/orders/${order}`), orderResource)
    expect(left.status).toBe('pending')
  })

  it.each(['GET', 'DELETE'])('%s: a malformed id is an invalid request', async (method) => {
    await expectProblem(await app.askAs('ann', method, '/orders/not-an-id'), 'invalid-request')
  })
})

it.each(['GET /orders', 'GET /orders/ID', 'DELETE /orders/ID'])(
  'while Postgres is unavailable %s is unavailable, with Retry-After',
  async (route) => {
    const [method = '', path = ''] = route.replace('ID', randomUUID()).split(' ')
    const response = await app.askWhileAway(method, path, { token: await app.signer.sign('ann') })
    expect(response.headers.get('retry-after')).toBe('1')
    await expectProblem(response, 'unavailable')
  },
)
