import { catalogueResource, orderPlaced, publicCatalogue } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { ADMIN_TOKEN } from '@floodgate/testkit/fixtures'
import { describe, expect, it } from 'vitest'
import { call } from '../testing/running-core.ts'
import { expectRejected, item, order, withShop } from '../testing/shop.ts'

const shop = withShop()

describe('the catalogue', () => {
  it('shows what is available, and a change from the next request on', async () => {
    const shown = await call(`${shop.core.url}/sales/${shop.sale()}/catalogue`)
    expect(publicCatalogue.parse(shown.body).items[0]).toMatchObject({ sku: 'tea', available: 5, soldOut: false })
    const etag = shown.headers.get('etag') ?? ''
    const same = await fetch(`${shop.core.url}/sales/${shop.sale()}/catalogue`, { headers: { 'if-none-match': etag } })
    expect(same.status).toBe(304)
    await expectRejected(await call(`${shop.core.url}/sales/nothing-here/catalogue`), 404, 'not-found')
  })

  it('changes totals by the difference, and not below what is held', async () => {
    await shop.post(await shop.sign(), order([{ sku: 'tea', quantity: 2 }]))
    await expectRejected(await shop.putCatalogue([item('tea', { total: 1 }), item('cup')]), 409, 'total-below-sold')
    await expectRejected(await shop.putCatalogue([item('cup')]), 409, 'catalogue-conflict')
    expect((await shop.putCatalogue([item('tea', { total: 3, salePriceMinor: 900 })])).status).toBe(200)
    expect(await shop.audit()).toMatchObject({ agree: true, skus: [{ sku: 'tea', redis: { available: 1, held: 2 } }] })
    await expectRejected(await shop.post(await shop.sign(), order([{ sku: 'cup', quantity: 1 }])), 422, 'unknown-sku')
    const cheaper = await shop.post(await shop.sign())
    expect(orderPlaced.parse(cheaper.body).totalMinor).toBe(900)
  })

  it('succeeds at the first try during the sale: totals are raised to what is held and sold by then', async () => {
    await shop.putCatalogue([item('tea', { total: 1_000 }), item('cup')])
    const buyers = Array.from({ length: 40 }, async () => (await shop.post(await shop.sign())).status)
    const nothing = { currency: 'EUR', items: [item('tea', { total: 0 }), item('cup', { total: 0 })] }
    const url = `${shop.core.url}/admin/sales/${shop.sale()}/catalogue`
    const ended = await call(`${url}?raiseTotals=true`, { method: 'PUT', token: ADMIN_TOKEN, body: nothing })
    expect(ended.status).toBe(200)
    const placed = (await Promise.all(buyers)).filter((status) => status === 201).length
    const { items } = catalogueResource.parse(ended.body)
    expect(items.map(({ sku, total }) => [sku, total])).toEqual([
      ['tea', placed],
      ['cup', 0],
    ])
    await eventually(async () => await expectRejected(await shop.post(await shop.sign()), 409, 'sold-out'))
    await eventually(async () => expect(await shop.audit()).toMatchObject({ agree: true }))
    for (const query of ['raiseTotals=yes', 'raisetotals=true', 'raiseTotals=true&raiseTotals=true']) {
      const odd = await call(`${url}?${query}`, { method: 'PUT', token: ADMIN_TOKEN, body: nothing })
      await expectRejected(odd, 400, 'invalid-request')
    }
  })

  it('is changed by the operator only', async () => {
    const response = await call(`${shop.core.url}/admin/sales/${shop.sale()}/catalogue`, { method: 'PUT', body: {} })
    await expectRejected(response, 401, 'unauthorized')
  })
})
