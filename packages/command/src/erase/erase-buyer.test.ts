import { expect, test } from 'vitest'
import { createAppClients } from '../apps.ts'
import { buyerIn, eraseBuyer, eraseReminders } from './erase-buyer.ts'

const apps = {
  urls: {
    'waiting-room': 'http://room',
    'order-core': 'http://core',
    'payment-worker': 'http://worker',
    notifier: 'http://notifier',
  },
  adminToken: 'operator',
}
const order = '0f8fad5b-d9cb-469f-a165-70867728950e'

const elsewhere = '5d8c6b1e-3a5f-4c8e-9d0a-7b1f2e3c4d5e'
const sales: Record<string, string> = { [order]: 'demo', [elsewhere]: 'later' }

/** Apps that respond, unless they are down, and the requests that they got. */
const createApps = (state: { orders: readonly string[]; remainingAt?: string; of?: string; down?: string }) => {
  const asked: string[] = []
  const mailed: string[] = []
  const erased: Record<string, unknown> = {}
  const fetchFrom = async (url: string | URL | Request, init?: RequestInit) => {
    const { host } = new URL(String(url))
    asked.push(`${init?.method} ${host}`)
    if (host === state.down) throw new Error('away')
    const remaining =
      host === state.remainingAt
        ? [{ what: 'mail', why: 'it is not sent yet', ...(state.of && { order: state.of }) }]
        : []
    const orders = state.orders.map((each) => ({ order: each, sale: sales[each] }))
    if (init?.method === 'GET') return Response.json({ orders, remaining: [] })
    const body = JSON.parse(String(init?.body))
    expect(body.buyer).toBe('ann')
    erased[host] = body.orders
    if (body.email !== undefined) mailed.push(host)
    return Response.json({ app: host, erased: { table: 1 }, remaining })
  }
  return { asked, mailed, erased, fetchFrom: fetchFrom as typeof fetch }
}
const erase = (fetchFrom: typeof fetch) => eraseBuyer(createAppClients(apps, fetchFrom), { buyer: 'ann' })

test('the order core, which alone knows the orders, is queried first and erased last', async () => {
  const { asked, erased, fetchFrom } = createApps({ orders: [order] })
  const { reports, remaining } = await erase(fetchFrom)
  expect(asked).toEqual(['GET core', 'POST worker', 'POST notifier', 'POST room', 'POST core'])
  expect(erased).toEqual({ worker: [order], notifier: [order], room: [order], core: [order] })
  expect([reports.length, remaining]).toEqual([4, []])
})

test('an address goes to the notifier alone, which has its reminders', async () => {
  const { mailed, fetchFrom } = createApps({ orders: [order] })
  await eraseBuyer(createAppClients(apps, fetchFrom), { buyer: 'ann', email: 'ann@example.org' })
  expect(mailed).toEqual(['notifier'])
})

test('an address alone has reminders, which no other app knows', async () => {
  const asked: unknown[] = []
  const fetchFrom = (async (url: string, init?: RequestInit) => {
    asked.push([new URL(url).host, JSON.parse(String(init?.body))])
    return Response.json({ app: 'notifier', erased: { 'notices.reminders': 2 }, remaining: [] })
  }) as typeof fetch
  const { reports } = await eraseReminders(createAppClients(apps, fetchFrom), 'ann@example.org')
  expect(asked).toEqual([['notifier', { buyer: 'ann@example.org', email: 'ann@example.org', orders: [] }]])
  expect(reports).toMatchObject([{ erased: { 'notices.reminders': 2 } }])
})

test('while another app still has data of an order, the order core keeps the orders of its sale, and no others', async () => {
  const { erased, fetchFrom } = createApps({ orders: [order, elsewhere], remainingAt: 'notifier', of: order })
  const { remaining } = await erase(fetchFrom)
  expect(erased).toMatchObject({ notifier: [order, elsewhere], core: [elsewhere] })
  expect(remaining).toEqual([{ what: 'mail', why: 'it is not sent yet', order }])
})

test('data left of an unknown order keeps all orders', async () => {
  const { erased, fetchFrom } = createApps({ orders: [order, elsewhere], remainingAt: 'worker' })
  await erase(fetchFrom)
  expect(erased).toMatchObject({ core: [] })
})

test('an erasure interrupted by an unavailable app continues with the next call', async () => {
  const cut = createApps({ orders: [order], down: 'notifier' })
  await expect(erase(cut.fetchFrom)).rejects.toThrow('away')
  expect(cut.asked).not.toContain('POST core')
  expect((await erase(createApps({ orders: [order] }).fetchFrom)).remaining).toEqual([])
})

test.each([
  [{ buyer: 'ann' }, 'ann'],
  [{ issuer: 'https://login.shop.example', subject: '4711' }, 'lNSgtZiYRTUeLonryGAE9Q'],
  [{ issuer: 'https://login.shop.example' }, undefined],
  [{ subject: '4711' }, undefined],
  [{ buyer: 'ann', subject: '4711' }, undefined],
  [{ buyer: 'ann', issuer: 'https://login.shop.example', subject: '4711' }, undefined],
  [{}, undefined],
])('a buyer is named by itself or by its account: %j', (options, expected) => {
  expect(buyerIn(options)).toBe(expected)
})
