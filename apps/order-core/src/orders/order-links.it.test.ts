import { randomUUID } from 'node:crypto'
import { orderResource } from '@floodgate/contracts'
import { createLinkMinter } from '@floodgate/order-link'
import { expectProblem } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOrderApp, expectBody, linkKeys, type OrderApp, pageOrigin } from '../testing/order-app.ts'

let app: OrderApp
beforeAll(async () => {
  app = await createOrderApp()
})
afterAll(() => app.remove())

const DAY_MS = 86_400_000
const mintedAgo = (daysAgo: number) =>
  createLinkMinter(linkKeys, { days: 90, now: () => Date.now() - daysAgo * DAY_MS })
const linkTo = async (order: string, daysAgo = 0) => (await mintedAgo(daysAgo)(order)).token
const foreignLinkTo = async (order: string) =>
  (await createLinkMinter([{ ...linkKeys[0], bytes: Buffer.alloc(32, 9) }], { days: 90 })(order)).token

describe('the link of a mail', () => {
  it('shows its order, without an admission', async () => {
    const order = await app.place('ann', ['payment-succeeded'])
    for (const id of [order, order.toUpperCase()]) {
      const shown = await expectBody(
        await app.ask('GET', `/orders/${id}`, { token: await linkTo(order) }),
        orderResource,
      )
      expect(shown).toMatchObject({ id: order, status: 'confirmed', totalMinor: 200 })
    }
  })

  it('cancels its order while it is unpaid, and may repeat it', async () => {
    const order = await app.place('ann')
    for (const _ of ['once', 'again']) {
      const response = await app.ask('DELETE', `/orders/${order}`, { token: await linkTo(order) })
      expect(await expectBody(response, orderResource)).toMatchObject({ status: 'cancelled', cancelReason: 'by-buyer' })
    }
    const paid = await app.place('ann', ['payment-succeeded'])
    const rejected = await app.ask('DELETE', `/orders/${paid}`, { token: await linkTo(paid) })
    expect(await expectProblem(rejected, 'order-not-cancellable')).toMatchObject({ state: 'confirmed' })
  })

  it('is valid for the configured days', async () => {
    const order = await app.place('ann')
    expect((await app.ask('GET', `/orders/${order}`, { token: await linkTo(order, 89.9) })).status).toBe(200)
    await expectProblem(await app.ask('GET', `/orders/${order}`, { token: await linkTo(order, 90.1) }), 'link-expired')
  })

  it('works from a page of an allowed origin', async () => {
    const order = await app.place('ann')
    const headers = { origin: pageOrigin, authorization: `Bearer ${await linkTo(order)}` }
    const shown = await app.send('GET', `/orders/${order}`, headers)
    expect(shown.status).toBe(200)
    expect(shown.headers.get('access-control-allow-origin')).toBe(pageOrigin)
    const asked = { 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'authorization' }
    const preflight = await app.send('OPTIONS', `/orders/${order}`, { origin: pageOrigin, ...asked })
    expect(preflight.headers.get('access-control-allow-origin')).toBe(pageOrigin)
    expect(preflight.headers.get('access-control-allow-methods')).toContain('DELETE')
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization')
  })
})

describe.each(['GET', 'DELETE'])('%s rejects', (method) => {
  it.each<[string, string, number, (order: string) => Promise<string>]>([
    ['the link of another order', 'link-forbidden', 403, async () => linkTo(await app.place('ann'))],
    ['the link of an order that never existed', 'link-forbidden', 403, () => linkTo(randomUUID())],
    ['an expired link', 'link-expired', 401, (order) => linkTo(order, 91)],
    ['a link with an unknown key', 'link-invalid', 401, foreignLinkTo],
    ['a truncated link', 'link-invalid', 401, async (order) => (await linkTo(order)).slice(0, -4)],
    ['an admission of another buyer, as always', 'not-found', 404, () => app.signer.sign('bob')],
    ['an admission with the type of a link', 'link-invalid', 401, () => app.signer.sign('ann', {}, 'order-link+jwt')],
  ])('%s', async (_, code, status, token) => {
    const order = await app.place('ann')
    const response = await app.ask(method, `/orders/${order}`, { token: await token(order) })
    expect(response.status).toBe(status)
    await expectProblem(response, code)
    expect((await app.ledger.pool.query('select status from orders.orders where id = $1', [order])).rows).toEqual([
      { status: 'pending' },
    ])
  })
})

it('is not an admission, and lists no orders', async () => {
  const order = await app.place('ann')
  await expectProblem(await app.ask('GET', '/orders', { token: await linkTo(order) }), 'admission-invalid')
})

it.each(['GET', 'DELETE'])(
  '%s reports an order that was deleted, or whose buyer was erased, as gone',
  async (method) => {
    const [deleted, erased] = [await app.place('ann'), await app.place('eve')]
    await app.ledger.pool.query('delete from orders.orders where id = $1', [deleted])
    await app.ledger.pool.query(`update orders.orders set buyer = 'erased:' || gen_random_uuid() where id = $1`, [
      erased,
    ])
    for (const order of [deleted, erased]) {
      const response = await app.ask(method, `/orders/${order}`, { token: await linkTo(order) })
      expect(response.status).toBe(410)
      await expectProblem(response, 'order-gone')
    }
  },
)

it('gets 503 while Postgres is unavailable', async () => {
  const order = randomUUID()
  const response = await app.askWhileAway('GET', `/orders/${order}`, { token: await linkTo(order) })
  await expectProblem(response, 'unavailable')
})
