import { expect, it } from 'vitest'
import { runWith } from '../testing/surroundings.ts'

const WEBHOOK = {
  ...{ id: 'event-1.shop', event: 'event-1', endpoint: 'shop', order: '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b' },
  ...{ type: 'order.confirmed', state: 'dead', attempts: 3, status: 503, ms: 41, error: 'HTTP 503' },
  ...{ createdAt: '2027-03-28T10:00:06.004Z', triedAt: '2027-03-29T10:00:06.004Z', dueAt: null, sentAt: null },
  recentAttempts: [{ at: '2027-03-28T10:05:00.000Z', status: null, ms: 10_000 }],
}

/** Replies to every request with a body, and notes its path and query. */
function replying(body: object) {
  const requests: string[] = []
  const fetch = (async (url: string | URL | Request, init?: RequestInit) => {
    const { pathname, search } = new URL(String(url))
    requests.push(`${init?.method} ${pathname}${search}`)
    return Response.json(body)
  }) as typeof globalThis.fetch
  return { requests, fetch }
}

it('webhooks list shows the dead ones with their last attempt, and exits with 1 when there are some', async () => {
  const { requests, fetch } = replying({ webhooks: [WEBHOOK], next: null })
  const ran = await runWith(['webhooks', 'list'], { fetch, typed: '' })
  expect([ran.exit, requests]).toEqual([1, ['GET /admin/webhooks?state=dead&limit=100']])
  expect(ran.out).toMatch(/event-1\.shop .*order\.confirmed +dead +3 +2027-03-29T10:00:06\.004Z +503 +41 .*HTTP 503/)
  const none = replying({ webhooks: [], next: null })
  expect((await runWith(['webhooks', 'list', '--state', 'sent'], none)).exit).toBe(0)
  expect(none.requests).toEqual(['GET /admin/webhooks?state=sent&limit=100'])
})

it('webhooks list of an order asks for every state', async () => {
  const { requests, fetch } = replying({ webhooks: [WEBHOOK], next: null })
  const { out } = await runWith(['webhooks', 'list', '--order', WEBHOOK.order, '--last', '5'], { fetch })
  expect(out).toMatch(/event-1\.shop +2027-03-28T10:05:00\.000Z +– +10000/)
  expect(requests).toEqual([`GET /admin/webhooks?order=${WEBHOOK.order}&limit=5`])
})

it('webhooks drop asks first, and drops one or those that are dead by then', async () => {
  const some = replying({ dropped: 2, dead: 0 })
  expect(await runWith(['webhooks', 'drop'], { ...some, typed: 'n\n' })).toMatchObject({ exit: 5 })
  expect(some.requests).toEqual([])
  const all = await runWith(['webhooks', 'drop', '--yes'], some)
  expect([all.exit, all.out, some.requests]).toEqual([
    0,
    '2 webhooks are dropped, 0 are dead.\n',
    ['POST /admin/webhooks/drop'],
  ])
  const one = replying({ ...WEBHOOK, state: 'dropped' })
  expect((await runWith(['webhooks', 'drop', 'event-1.shop', '--yes'], one)).out).toBe(
    'Webhook event-1.shop: dropped.\n',
  )
  expect(one.requests).toEqual(['POST /admin/webhooks/event-1.shop/drop'])
})

it('webhooks replay queues all dead ones, or one, and says what is still dead', async () => {
  const some = replying({ replayed: 2, dead: 1 })
  const all = await runWith(['webhooks', 'replay'], { ...some, typed: '' })
  expect([all.exit, all.out, some.requests]).toEqual([
    1,
    '2 webhooks are queued again, 1 are dead.\n',
    ['POST /admin/webhooks/replay'],
  ])
  const queued = replying({ ...WEBHOOK, state: 'queued', dueAt: '2027-03-29T10:00:06.004Z' })
  const one = await runWith(['webhooks', 'replay', 'event-1.shop'], { ...queued, typed: '' })
  expect([one.exit, one.out, queued.requests]).toEqual([
    0,
    'Webhook event-1.shop: queued, due at 2027-03-29T10:00:06.004Z.\n',
    ['POST /admin/webhooks/event-1.shop/replay'],
  ])
})
