import { orderPlaced } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { describe, expect, it } from 'vitest'
import { call } from '../testing/running-core.ts'
import { order, withShop } from '../testing/shop.ts'

const shop = withShop()

describe('an order', () => {
  it('is placed at the price of the catalogue, with a Location, and counted once on both sides', async () => {
    const response = await shop.post(await shop.sign(), order([{ sku: 'tea', quantity: 2, priceMinor: 1_000 }]))
    expect(response.status).toBe(201)
    const placed = orderPlaced.parse(response.body)
    expect(placed).toMatchObject({ sale: shop.sale(), status: 'pending', totalMinor: 2_000, currency: 'EUR' })
    expect(response.headers.get('location')).toBe(`/orders/${placed.id}`)
    const figures = { available: 3, held: 2, sold: 0 }
    expect(await shop.audit()).toMatchObject({
      agree: true,
      skus: [{ sku: 'tea', redis: figures, postgres: figures }, {}],
    })
  })

  it('gets the same bytes in response to a repetition of its key, whatever the order of items and fields', async () => {
    const token = await shop.sign()
    const items = [
      { sku: 'tea', quantity: 1 },
      { sku: 'cup', quantity: 1 },
    ]
    const first = await shop.post(token, order(items), 'again')
    const second = await shop.post(
      token,
      { paymentMethod: 'sim_ok', email: 'buyer@example.org', items: items.toReversed() },
      'again',
    )
    expect(first.headers.get('idempotent-replayed')).toBeNull()
    expect(second.status).toBe(201)
    expect(second.headers.get('idempotent-replayed')).toBe('true')
    expect(second.text).toBe(first.text)
  })

  it('sent many times at once is one order', async () => {
    const token = await shop.sign()
    const responses = await Promise.all(Array.from({ length: 20 }, () => shop.post(token, order(), 'burst')))
    expect(new Set(responses.map((response) => `${response.status} ${response.text}`)).size).toBe(1)
    expect((await shop.audit()).skus[0]?.postgres).toEqual({ available: 4, held: 1, sold: 0 })
  })

  it('is still found after it ended, after its admission expired, and when Redis has lost it', async () => {
    const claims = { sub: 'buyer', jti: 'slot' }
    const first = await shop.post(await shop.sign(claims), order(), 'known')
    const id = orderPlaced.parse(first.body).id
    const late = await shop.sign({ ...claims, iat: 1_700_000_000, exp: Math.floor(Date.now() / 1_000) - 5 })
    expect((await shop.post(late, order(), 'known')).text).toBe(first.text)

    await call(`${shop.core.url}/orders/${id}`, { method: 'DELETE', token: await shop.sign(claims) })
    expect((await shop.post(late, order(), 'known')).text).toBe(first.text)

    const keys = await import('../stock/keys.ts')
    const { Redis } = await import('ioredis')
    const client = new Redis(shop.core.redis.url)
    await client.del(keys.saleKeys(shop.sale()).hold(id))
    client.disconnect()
    expect((await shop.post(late, order(), 'known')).text).toBe(first.text)
    const again = await shop.post(await shop.sign(claims), order(), 'known')
    expect(again.text).toBe(first.text)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    await eventually(async () => expect(await shop.audit()).toMatchObject({ agree: true }))
  })
})
