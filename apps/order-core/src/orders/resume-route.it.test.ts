import { randomUUID } from 'node:crypto'
import { orderResource } from '@floodgate/contracts'
import { createLinkMinter } from '@floodgate/order-link'
import { expectProblem } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createOrderApp, expectBody, linkKeys, type OrderApp } from '../testing/order-app.ts'

let app: OrderApp
beforeAll(async () => {
  app = await createOrderApp()
})
afterAll(() => app.remove())

async function returnsOf(order: string) {
  const { rows } = await app.ledger.pool.query<{ version: number; data: { sealedProof?: string } }>(
    `select version, data::jsonb as data from orders.outbox where key = $1 and type = 'order.buyer-returned.v1'`,
    [order],
  )
  return rows
}
const report = async (order: string, body: unknown, token: string | Promise<string> = app.signer.sign('ann')) =>
  app.ask('POST', `/orders/${order}/payment`, { token: await token, body })

it('the return of a buyer is announced with what the browser brought back, sealed, and the order is returned', async () => {
  const order = await app.place('ann')
  const response = await report(order, { proof: { paymentKey: 'secret-of-the-provider' } })
  expect(await expectBody(response, orderResource)).toMatchObject({ id: order, status: 'pending', version: 1 })
  const [told, ...others] = await returnsOf(order)
  expect(others).toEqual([])
  expect(told).toMatchObject({ version: 1, data: { order, sale: expect.any(String) } })
  expect(told?.data.sealedProof).toMatch(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/)
  expect(JSON.stringify(told)).not.toContain('secret-of-the-provider')
})

it('it needs no proof, may be repeated, and may come with the link of a mail', async () => {
  const order = await app.place('ann')
  const { token } = await createLinkMinter(linkKeys, { days: 90 })(order)
  for (const by of [undefined, token]) expect((await report(order, {}, by)).status).toBe(200)
  expect(await returnsOf(order)).toMatchObject([{ data: { order } }, { data: { order } }])
})

it('the return to an order that is no longer pending announces nothing', async () => {
  const order = await app.place('ann', ['payment-succeeded'])
  expect(await expectBody(await report(order, { proof: {} }), orderResource)).toMatchObject({ status: 'confirmed' })
  expect(await returnsOf(order)).toEqual([])
})

it.each<[string, unknown]>([
  ['no object', { proof: 'x' }],
  ['a value that is no text', { proof: { a: 1 } }],
  ['a value that is too long', { proof: { a: 'x'.repeat(2_049) } }],
  ['a name that is too long', { proof: { ['n'.repeat(65)]: 'x' } }],
  [
    'too much of it',
    { proof: Object.fromEntries(Array.from({ length: 5 }, (_, at) => [`a${at}`, 'x'.repeat(2_000)])) },
  ],
  ['another field', { proof: {}, paid: true }],
])('a proof is rejected, and nothing announced: %s', async (_, body) => {
  const order = await app.place('ann')
  await expectProblem(await report(order, body), 'invalid-request')
  expect(await returnsOf(order)).toEqual([])
})

it('nobody else can report it', async () => {
  const order = await app.place('ann')
  await expectProblem(await report(order, {}, app.signer.sign('bob')), 'not-found')
  await expectProblem(await report(randomUUID(), {}), 'not-found')
  await expectProblem(await app.ask('POST', `/orders/${order}/payment`, { body: {} }), 'admission-missing')
  expect(await returnsOf(order)).toEqual([])
})
