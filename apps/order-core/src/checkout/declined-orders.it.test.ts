import { randomUUID } from 'node:crypto'
import { encodeEvent, orderPlaced } from '@floodgate/contracts'
import { createEventBus, type EventBus } from '@floodgate/event-bus'
import { closeRedis } from '@floodgate/redis'
import { connectRedis, eventually } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { call, createTestCore, type TestCore } from '../testing/running-core.ts'

let core: TestCore
let bus: EventBus

beforeAll(async () => {
  core = await createTestCore({ settings: { DECLINED_MAX: '2' } })
  await core.saveCatalogue([{}])
  bus = createEventBus({ kind: 'redis', redisUrl: core.redis.url, clientId: 'test', log: silentLogger })
})
afterAll(async () => {
  await bus?.close()
  await core?.remove()
})

const place = (token: string) => {
  const body = { items: [{ sku: 'tea', quantity: 1 }], email: 'a@example.org', paymentMethod: 'sim_declined' }
  return call(`${core.url}/orders`, { method: 'POST', token, key: randomUUID(), body })
}
const placed = async (token: string) => await eventually(async () => orderPlaced.parse((await place(token)).body).id)
const decline = async (token: string, order: string) => {
  const event = encodeEvent({
    type: 'payment.declined.v1',
    id: randomUUID(),
    source: '/floodgate/test',
    time: new Date().toISOString(),
    aggregateVersion: 1,
    data: { order, sale: 'demo', amountMinor: 10, currency: 'EUR', reason: 'card declined' },
  })
  await bus.publish([event])
  await eventually(async () =>
    expect((await call(`${core.url}/orders/${order}`, { token })).body).toMatchObject({ status: 'cancelled' }),
  )
}
const expectEnded = async (token: string) => {
  const rejected = await place(token)
  expect({ status: rejected.status, body: rejected.body }).toMatchObject({
    status: 409,
    body: { code: 'too-many-declined', retryable: false },
  })
}

it('an admission orders again after a decline, up to the last one; another admission is not affected', async () => {
  const token = await core.issuer.sign({ sub: 'ann', jti: 'slot-of-ann' })
  const first = await placed(token)
  await decline(token, first)
  expect((await call(`${core.url}/orders/${first}`, { token })).body).toMatchObject({ cancelReason: 'declined' })
  const second = await placed(token)
  await decline(token, second)
  expect((await call(`${core.url}/orders/${second}`, { token })).body).toMatchObject({ cancelReason: 'declined-final' })
  await expectEnded(token)

  // Redis loses everything: Postgres has what was declined.
  const client = await connectRedis(core.redis.url)
  await client.flushall()
  await closeRedis(client)
  await eventually(() => expectEnded(token), { timeoutMs: 60_000 })

  expect((await place(await core.issuer.sign({ sub: 'ben' }))).status).toBe(201)
  const metrics = (await call(`${core.opsUrl}/metrics`)).text
  expect(metrics).toMatch(/floodgate_limited_total\{[^}]*limit="declined-orders"[^}]*\} [1-9]/)
})
