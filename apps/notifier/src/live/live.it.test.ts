import { randomUUID } from 'node:crypto'
import { type FloodgateEvent, orderResource } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createOrder, type Fixture, startFixture } from '../testing/fixture.ts'

let fixture: Fixture
let notifiers: Awaited<ReturnType<Fixture['startNotifier']>>[]

beforeAll(async () => {
  fixture = await startFixture()
  notifiers = await Promise.all([fixture.startNotifier(), fixture.startNotifier()])
})
afterAll(async () => {
  await Promise.all(notifiers.map((notifier) => notifier.stop()))
  await fixture.stop()
})

const urlOf = (process: number, path: string) => `${notifiers[process]?.url().replace('http', 'ws')}${path}`

/** Watches an order on one of the processes; `states` fills as messages arrive. */
const watch = async (process: number, order: string, options: { token?: string; cookie?: string }) => {
  const protocols = options.token === undefined ? ['floodgate.v1'] : ['floodgate.v1', options.token]
  const headers = options.cookie === undefined ? {} : { cookie: options.cookie }
  const socket = new WebSocket(urlOf(process, `/live/orders/${order}`), protocols, { headers })
  const states: ReturnType<typeof orderResource.parse>[] = []
  const closed = Promise.withResolvers<number>()
  socket.on('message', (data) => states.push(orderResource.parse(JSON.parse(String(data)))))
  socket.on('close', closed.resolve)
  const open = Promise.withResolvers<void>()
  socket.on('open', () => open.resolve())
  socket.on('error', open.reject)
  await open.promise
  return { states, closed: closed.promise, close: () => socket.close() }
}

/** Returns the problem of a rejected handshake: an ordinary HTTP response. */
const problem = async (order: string, token?: string): Promise<{ status: number | undefined; code: unknown }> => {
  const socket = new WebSocket(urlOf(0, `/live/orders/${order}`), token ? ['floodgate.v1', token] : ['floodgate.v1'])
  const outcome = Promise.withResolvers<{ status: number | undefined; code: unknown }>()
  socket.on('open', () => outcome.reject(new Error('was admitted')))
  socket.on('error', () => undefined)
  socket.on('unexpected-response', (_, response) => {
    let body = ''
    response.on('data', (chunk) => {
      body += chunk
    })
    response.on('end', () => outcome.resolve({ status: response.statusCode, code: JSON.parse(body).code }))
  })
  return await outcome.promise
}

const aboutPayments = (aggregateVersion: number) => ({
  ...{ source: '/test', id: randomUUID(), time: new Date().toISOString(), aggregateVersion },
})
function paymentsDelayed(version: number, lastsMs: number): FloodgateEvent {
  const at = new Date().toISOString()
  const until = new Date(Date.now() + lastsMs).toISOString()
  return { type: 'payment.delayed.v1', ...aboutPayments(version), data: { since: at, at, until } }
}
function paymentsResumed(version: number): FloodgateEvent {
  const at = new Date().toISOString()
  return { type: 'payment.resumed.v1', ...aboutPayments(version), data: { since: at, at } }
}

const statusesOf = (states: readonly { status: string }[]) => states.map((state) => state.status)

test('a change reaches the sockets on every process, once each, with rising versions', async () => {
  const order = await createOrder()
  const token = await fixture.admit('buyer-1')
  const watching = await Promise.all([
    watch(0, order.id, { token }),
    watch(1, order.id, { token }),
    watch(1, order.id, { cookie: `a=b; floodgate_admission=planted; floodgate_admission=${token}` }),
  ])
  await fixture.publish(order.placed())
  for (const each of watching) await eventually(() => expect(statusesOf(each.states)).toEqual(['pending']))
  await fixture.publish(order.placed(), order.cancelled('expired'), order.cancelled('expired'))
  for (const each of watching) await eventually(() => expect(statusesOf(each.states)).toEqual(['pending', 'cancelled']))
  await fixture.publish(order.refundRequested())
  for (const each of watching) await eventually(() => expect(each.states).toHaveLength(3))
  expect(watching[0]?.states.at(-1)).toMatchObject({ status: 'refund_pending', cancelReason: 'expired', version: 3 })

  const late = await watch(1, order.id, { token: await fixture.admit('buyer-1', -3_600) })
  await eventually(() => expect(statusesOf(late.states)).toEqual(['refund_pending']))
  for (const each of [...watching, late]) each.close()
})

test('a late confirmation is kept when a part is refunded later', async () => {
  const order = await createOrder()
  const [confirmed, refunded] = [order.confirmed(), order.refunded()]
  if (confirmed.type !== 'order.confirmed.v1' || refunded.type !== 'order.refunded.v1') throw new Error(confirmed.type)
  const watching = await watch(0, order.id, { token: await fixture.admit('buyer-1') })
  await fixture.publish({ ...confirmed, data: { ...confirmed.data, revived: true } })
  await eventually(() => expect(watching.states.at(-1)).toMatchObject({ revived: true }))
  const refund = {
    ...{ id: order.id, amountMinor: 100, refundsMinor: 100, items: [], restock: false },
    orderStatus: 'confirmed' as const,
  }
  await fixture.publish({ ...refunded, data: { ...refunded.data, refund } })
  await eventually(() =>
    expect(watching.states.at(-1)).toMatchObject({ status: 'confirmed', revived: true, refundsMinor: 100 }),
  )
  watching.close()
})

test('every socket of an unpaid order gets one message when payments become delayed, and one when they no longer are', async () => {
  const [unpaid, paid] = await Promise.all([createOrder(), createOrder()])
  const token = await fixture.admit('buyer-1')
  await fixture.publish(unpaid.placed(), paid.placed(), paid.confirmed())
  const watching = await Promise.all([0, 1].map((process) => watch(process, unpaid.id, { token })))
  const other = await watch(1, paid.id, { token })
  const delaysOf = (states: readonly { paymentDelayed?: true | undefined }[]) =>
    states.map(({ paymentDelayed }) => paymentDelayed ?? false)
  for (const each of watching) await eventually(() => expect(delaysOf(each.states)).toEqual([false]))

  await fixture.publish(paymentsDelayed(1, 60_000), paymentsDelayed(2, 60_000))
  for (const each of watching) await eventually(() => expect(delaysOf(each.states)).toEqual([false, true]))
  const late = await watch(0, unpaid.id, { token })
  await eventually(() => expect(delaysOf(late.states)).toEqual([true]))
  await fixture.publish(paymentsResumed(3), paymentsDelayed(2, 60_000))
  for (const each of watching) await eventually(() => expect(delaysOf(each.states)).toEqual([false, true, false]))

  await fixture.publish(paymentsDelayed(4, -1_000), unpaid.confirmed())
  for (const each of watching) await eventually(() => expect(statusesOf(each.states).at(-1)).toBe('confirmed'))
  expect(delaysOf(watching[0]?.states ?? []), 'an announcement of the past says nothing').toHaveLength(4)
  expect(delaysOf(other.states)).toEqual([false])
  for (const each of [...watching, other, late]) each.close()
})

test("another buyer's order is not found, known or not yet known", async () => {
  const order = await createOrder()
  const stranger = await fixture.admit('buyer-2')
  const early = await watch(0, order.id, { token: stranger })
  await fixture.publish(order.placed())
  expect(await early.closed).toBe(1008)
  expect(early.states).toEqual([])
  expect(await problem(order.id, stranger)).toEqual({ status: 404, code: 'not-found' })
})

test('a bad token is rejected before the upgrade, with a problem', async () => {
  const order = randomUUID()
  expect(await problem(order)).toEqual({ status: 401, code: 'admission-missing' })
  expect(await problem(order, 'a.b.c')).toEqual({ status: 401, code: 'admission-invalid' })
  const yesterday = await fixture.admit('buyer-1', -25 * 3_600)
  expect(await problem(order, yesterday)).toEqual({ status: 401, code: 'admission-expired' })
  expect(await problem('not-an-order', await fixture.admit('buyer-1'))).toEqual({
    status: 400,
    code: 'invalid-request',
  })
  const plain = await fetch(`${notifiers[0]?.url()}/live/orders/${order}`)
  expect(plain.status).toBe(426)
})
