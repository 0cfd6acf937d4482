import { orderPlaced, problemBody, stockAudit } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { ADMIN_TOKEN } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { call, createTestCore, type TestCore } from '../testing/running-core.ts'

const sale = 'full'
let core: TestCore

beforeAll(async () => {
  core = await createTestCore({ settings: { QUEUE_MAX: '1' } })
})
afterAll(() => core?.remove())

const audit = async () =>
  stockAudit.parse((await call(`${core.url}/admin/sales/${sale}/stock`, { token: ADMIN_TOKEN })).body).skus[0]
const order = async (key: string, of = sale) =>
  call(`${core.url}/orders`, {
    method: 'POST',
    token: await core.issuer.sign({ sale: of }),
    key,
    body: { items: [{ sku: 'tea', quantity: 1 }], email: 'buyer@example.org', paymentMethod: 'sim_ok' },
  })

it('an order beyond the bound of its sale is rejected as busy and holds nothing; queued orders are not affected', async () => {
  for (const each of [sale, 'another']) await core.saveCatalogue([{ total: 5, perBuyerLimit: 5 }], each)
  orderPlaced.parse((await order('first')).body)

  const blocker = await core.pool.connect()
  await blocker.query('begin')
  await blocker.query('select from orders.fences where sale = $1 for update', [sale])
  const inside = order('inside')
  await eventually(async () => {
    const { rows } = await core.pool.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    expect(rows).toHaveLength(1)
  })
  const rejected = await order('outside')
  expect(rejected.status).toBe(503)
  expect(problemBody.parse(rejected.body)).toMatchObject({ code: 'busy', retryable: true })
  expect(Number(rejected.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await order('elsewhere', 'another')).status, 'another sale has a queue of its own').toBe(201)

  await blocker.query('rollback')
  blocker.release()
  expect((await inside).status).toBe(201)
  await eventually(async () => expect(await audit()).toMatchObject({ agree: true, redis: { available: 3, held: 2 } }))
  expect((await order('outside')).status, 'the same key succeeds later').toBe(201)
})
