import { type InboxNotice, notifierRoutes, orderCoreRoutes, waitingRoomRoutes } from '@floodgate/contracts'
import { createHttpApp, handle, mountRoutes } from '@floodgate/http'
import { AppError, createMetrics } from '@floodgate/runtime'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { beforeEach, expect, it } from 'vitest'
import { createBuyer } from './buyer.ts'
import { createSend } from './send.ts'

const notice: InboxNotice = {
  ...{ id: 'n1', kind: 'confirmed', order: '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b', number: 'FWXR-R7GA' },
  ...{ sale: 'demo', saleName: 'Demo', totalMinor: 2_500, currency: 'EUR', title: 'Confirmed', text: 'Thank you.' },
  ...{ at: '2030-01-01T12:00:00.000Z', readAt: null },
}
let unread = 1
const seen: unknown[] = []

const app = createHttpApp({ log: silentLogger, metrics: createMetrics('test'), allowedOrigins: [] })
mountRoutes(
  app,
  [
    handle(waitingRoomRoutes.join, (_, reply) =>
      reply(201, {
        ...{ ticket: 't1', place: 1, position: 1, etaSeconds: 0, pollAfterMs: 100, saleState: 'open' as const },
      }),
    ),
    handle(waitingRoomRoutes.poll, (_, reply) =>
      reply(200, {
        ...{ state: 'admitted' as const, saleState: 'open' as const, position: null, admission: 'pass' },
        ...{ expiresAt: '2030-01-01T12:05:00.000Z', snapshot: 1, pollAfterMs: 100, etaSeconds: null },
      }),
    ),
    handle(orderCoreRoutes.listOwnOrders, (_, reply) => reply(200, { orders: [] })),
    handle(notifierRoutes.readInbox, ({ headers, query }, reply) => {
      if (headers.authorization !== 'Bearer pass') throw new AppError('admission-missing')
      seen.push({ query, language: headers['accept-language'] })
      return reply(200, { notices: [notice], unread, next: null })
    }),
    handle(notifierRoutes.markInbox, async (request, reply) => {
      seen.push(await request.body())
      unread = 0
      return reply(200, { unread })
    }),
  ],
  { clientAddressOf: () => 'test' },
)
const hosts: string[] = []
const sendTo = (host: string) =>
  createSend({
    urls: [`http://${host}`],
    msMax: 10_000,
    fetch: (async (url: string, init: RequestInit) => {
      hosts.push(new URL(url).hostname)
      return app.request(url, init)
    }) as typeof fetch,
  })

beforeEach(() => {
  unread = 1
  seen.splice(0)
  hosts.splice(0)
})

async function admittedBuyer(notifier?: ReturnType<typeof sendTo>) {
  const apps = { waitingRoom: sendTo('room.test'), orderCore: sendTo('core.test') }
  const buyer = createBuyer({ sale: 'demo', language: 'ko', ...apps, ...(notifier && { notifier }) })
  await buyer.join()
  await buyer.untilAdmitted()
  hosts.splice(0)
  return buyer
}

it('a buyer reads its inbox in its language, page by page, and marks it as read', async () => {
  const buyer = await admittedBuyer(sendTo('notifier.test'))
  expect(await buyer.readInbox()).toMatchObject({ notices: [{ id: 'n1' }], unread: 1, next: null })
  expect(await buyer.readInbox({ after: '1.n1', limit: 5 })).toMatchObject({ unread: 1 })
  expect(await buyer.markInboxRead('n1')).toBe(0)
  expect((await buyer.readInbox()).unread).toBe(0)
  expect(seen).toEqual([
    { query: { limit: 20 }, language: 'ko' },
    { query: { after: '1.n1', limit: 5 }, language: 'ko' },
    { upTo: 'n1' },
    { query: { limit: 20 }, language: 'ko' },
  ])
  expect(new Set(hosts)).toEqual(new Set(['notifier.test']))
})

it('behind one host name the notifier is reached where the order core is', async () => {
  const buyer = await admittedBuyer()
  await buyer.readInbox()
  await buyer.listOrders()
  expect(hosts).toEqual(['core.test', 'core.test'])
})

it('the inbox of a buyer that is not admitted is rejected', async () => {
  const buyer = createBuyer({ sale: 'demo', waitingRoom: sendTo('room.test'), orderCore: sendTo('core.test') })
  await expect(buyer.readInbox()).rejects.toMatchObject({ problem: { code: 'admission-missing' } })
})
