import { expect, test } from 'vitest'
import { eraseBuyer } from './erase-buyer.ts'

const apps = {
  waitingRoom: 'http://room',
  orderCore: 'http://core',
  paymentWorker: 'http://worker',
  notifier: 'http://notifier',
}
const order = '0f8fad5b-d9cb-469f-a165-70867728950e'

/** Apps that answer, unless they are down, and what they were asked. */
const createApps = (state: { orders: readonly string[]; remainingAt?: string; down?: string }) => {
  const asked: string[] = []
  const fetchFrom = async (url: string | URL | Request, init?: RequestInit) => {
    const { host } = new URL(String(url))
    asked.push(`${init?.method} ${host}`)
    if (host === state.down) throw new Error('away')
    const remaining = host === state.remainingAt ? [{ what: 'mail', why: 'it is not sent yet' }] : []
    const orders = state.orders.map((each) => ({ order: each, sale: 'demo' }))
    if (init?.method === 'GET') return Response.json({ orders, remaining: [] })
    expect(JSON.parse(String(init?.body))).toEqual({ buyer: 'ann', orders: state.orders })
    return Response.json({ app: host, erased: { table: 1 }, remaining })
  }
  return { asked, fetchFrom: fetchFrom as typeof fetch }
}
const erase = (fetchFrom: typeof fetch) =>
  eraseBuyer(apps, { who: { buyer: 'ann' }, adminToken: 'operator', fetchFrom })

test('the order core, which alone knows the orders, is asked first and erased last', async () => {
  const { asked, fetchFrom } = createApps({ orders: [order] })
  const { reports, remaining } = await erase(fetchFrom)
  expect(asked).toEqual(['GET core', 'POST worker', 'POST notifier', 'POST room', 'POST core'])
  expect([reports.length, remaining]).toEqual([4, []])
})

test('while another app has something left of the orders, the order core keeps them', async () => {
  const { asked, fetchFrom } = createApps({ orders: [order], remainingAt: 'notifier' })
  const { remaining } = await erase(fetchFrom)
  expect(asked).not.toContain('POST core')
  expect(remaining).toEqual([{ what: 'mail', why: 'it is not sent yet' }])
})

test('what an app that is away cuts off goes on with the next call', async () => {
  const cut = createApps({ orders: [order], down: 'notifier' })
  await expect(erase(cut.fetchFrom)).rejects.toThrow('away')
  expect(cut.asked).not.toContain('POST core')
  expect((await erase(createApps({ orders: [order] }).fetchFrom)).remaining).toEqual([])
})
