import { createLinkVerifier, type LinkKeyRing } from '@floodgate/order-link'
import { expect, test } from 'vitest'
import { createLinkTo } from './order-links.ts'

const emailKey: LinkKeyRing = [{ kid: 'key-1', bytes: Buffer.alloc(32, 3) }]
const order = '6f0ef8b2-6d0c-8f0c-8f0c-6f0ef8b26d0c'
const waitingRoomUrl = 'https://tickets.shop.example'

test('a link leads to the page of its order, with a token for that order alone behind the #', async () => {
  const link = await createLinkTo({ emailKey, waitingRoomUrl, orderLinkDays: 30 })({ order, sale: 'demo' })
  const url = new URL(link?.url ?? '')
  expect(`${url.origin}${url.pathname}${url.search}`).toBe(`${waitingRoomUrl}/sales/demo/orders/${order}`)
  const token = url.hash.replace('#key=', '')
  expect(await createLinkVerifier(emailKey)(token, order)).toBe('valid')
  const days = ((link?.validUntil.getTime() ?? 0) - Date.now()) / 86_400_000
  expect(Math.round(days)).toBe(30)
})

test('with no days a mail carries no link', async () => {
  expect(await createLinkTo({ emailKey, waitingRoomUrl, orderLinkDays: 0 })({ order, sale: 'demo' })).toBeUndefined()
})
