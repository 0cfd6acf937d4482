import { stockAudit } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { ADMIN_TOKEN } from '@floodgate/testkit/fixtures'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { call } from '../testing/running-core.ts'
import { expectRejected, withShop } from '../testing/shop.ts'

const shop = withShop()
const repair = (sale: string, token: string = ADMIN_TOKEN) =>
  call(`${shop.core.url}/admin/sales/${sale}/stock/repair`, { method: 'POST', token })

it('a repair gives a sale the stock of its ledger back, however often it is repeated', async () => {
  expect((await shop.post(await shop.sign())).status).toBe(201)
  await eventually(async () => expect((await shop.audit()).agree).toBe(true))
  const redis = new Redis(shop.core.redis.url)
  const keys = (await redis.keys('*')).filter((key) => key.includes(`{o:${shop.sale()}}`))
  expect(keys.length).toBeGreaterThan(0)
  await redis.del(...keys)
  redis.disconnect()
  const repaired = await Promise.all([repair(shop.sale()), repair(shop.sale())])
  for (const { status, body } of repaired) {
    expect(status).toBe(200)
    expect(stockAudit.parse(body)).toMatchObject({ agree: true })
  }
  const tea = stockAudit.parse((await repair(shop.sale())).body).skus.find(({ sku }) => sku === 'tea')
  expect(tea).toMatchObject({ redis: { available: 4, held: 1, sold: 0 } })
  expect((await shop.post(await shop.sign())).status).toBe(201)
})

it('an unknown sale is not repaired, and neither is one by a stranger', async () => {
  await expectRejected(await repair('unknown'), 404, 'not-found')
  await expectRejected(await repair(shop.sale(), 'a-stranger'), 401, 'unauthorized')
})
