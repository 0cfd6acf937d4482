import { problemKinds, problemType } from '@floodgate/contracts'
import { expect, it, vi } from 'vitest'
import { runWith } from '../testing/surroundings.ts'

function unauthorized(): Response {
  const { status, title, retryable } = problemKinds.unauthorized
  const body = { type: problemType('unauthorized'), code: 'unauthorized', title, status, detail: title, retryable }
  return Response.json(
    { ...body, traceId: 'f'.repeat(32) },
    { status, headers: { 'content-type': 'application/problem+json' } },
  )
}

/** Replies by host: `room.test`, `core.test`, `worker.test`, `notifier.test`; the others are away. */
function replyingBy(replies: Readonly<Record<string, () => Response>>) {
  return (async (url: string | URL | Request) => {
    const reply = replies[new URL(String(url)).hostname]
    if (reply === undefined) throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })
    return reply()
  }) as typeof fetch
}

function aboutOf(app: string, number = 1): Response {
  return Response.json({
    ...{ app, version: '0.1.0', node: 'v24.21.0', process: `${app}:${number}` },
    startedAt: new Date().toISOString(),
    now: new Date().toISOString(),
    settings: {},
    readiness: { ready: true, degraded: [], checks: {} },
    figures: { outboxUnsent: 0, outboxOldestSeconds: 0, outboxParked: 0 },
  })
}

it('outboxes that cannot be seen are not empty: an app that is away is named, and the exit code is 1', async () => {
  const fetch = replyingBy({ 'core.test': () => aboutOf('order-core') })
  const ran = await runWith(['outbox'], { fetch })
  expect(ran.exit).toBe(1)
  expect(ran.out).toMatch(/no response +payment-worker: The payment-worker does not respond at http:\/\/worker.test/)
})

it('an app that rejects the token responds; where all of them do the token is wrong', async () => {
  const others = { 'core.test': () => aboutOf('order-core'), 'worker.test': () => aboutOf('payment-worker') }
  const ran = await runWith(['doctor'], { fetch: replyingBy({ ...others, 'room.test': unauthorized }) })
  expect(ran.exit).toBe(1)
  expect(ran.out).toMatch(/rejected +waiting-room: The operator token is missing or wrong/)
  const hosts = ['room.test', 'core.test', 'worker.test', 'notifier.test']
  const fetch = replyingBy(Object.fromEntries(hosts.map((host) => [host, unauthorized])))
  expect(await runWith(['doctor'], { fetch })).toMatchObject({ exit: 3, out: '' })
})

it.each([['doctor'], ['outbox']])('behind one host name %s does not take one app for all four', async (command) => {
  const hosts = ['room.test', 'core.test', 'worker.test', 'notifier.test']
  const fetch = replyingBy(Object.fromEntries(hosts.map((host) => [host, () => aboutOf('waiting-room')])))
  const ran = await runWith([command], { fetch })
  expect(ran.exit).toBe(1)
  expect(ran.out.match(/other app +The waiting-room responds at the URL of the/g)).toHaveLength(3)
})

it.each([
  ['erase', '--buyer', 'ann', '--yes'],
  ['prune', '--yes'],
  ['orders', 'trace', '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b'],
  ['dead-letters', 'list'],
])('behind one host name %s is rejected before anything is changed', async (...argv) => {
  const methods = new Set<string>()
  const fetch = (async (url: string | URL | Request, init?: RequestInit) => {
    methods.add(String(init?.method))
    if (String(url).endsWith('/admin/about')) return aboutOf('waiting-room')
    if (String(url).endsWith('/admin/retention')) return Response.json({ app: 'waiting-room', tables: [] })
    return Response.json({ groups: [{ group: 'waiting-room.slots', letters: 0 }] })
  }) as typeof globalThis.fetch
  const ran = await runWith(argv, { fetch })
  expect(ran.exit).toBe(2)
  expect(ran.errors).toMatch(
    /The waiting-room responds at the URL of the [a-z-]+: this needs each app at its own address/,
  )
  expect([...methods]).toEqual(['GET'])
})

it('processes behind one address are asked at once, and one that does not respond hides no other', async () => {
  const underWay = { now: 0, most: 0, sent: 0 }
  const fetch = (async () => {
    underWay.sent += 1
    const number = underWay.sent
    underWay.now += 1
    underWay.most = Math.max(underWay.most, underWay.now)
    await new Promise((resolve) => setImmediate(resolve))
    underWay.now -= 1
    if (number === 3) throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })
    return aboutOf('notifier', number % 2)
  }) as typeof globalThis.fetch
  const ran = await runWith(['doctor', '--notifier', 'http://notifier.test'], { fetch })
  expect([ran.exit, underWay.most]).toEqual([1, 12])
  expect(ran.out.match(/^notifier +notifier:[01] /gm)).toHaveLength(2)
  expect(ran.out).toContain('notifier (1 of 12 requests): The notifier does not respond')
})

it('a mute app is given up after seconds, and only work without a time limit is waited for', async () => {
  const timeout = vi.spyOn(AbortSignal, 'timeout')
  const fetch = replyingBy({})
  await runWith(['doctor'], { fetch })
  await runWith(['sales', 'pause', 'demo'], { fetch })
  expect(new Set(timeout.mock.calls.flat())).toEqual(new Set([15_000]))
  timeout.mockClear()
  await runWith(['money', 'check'], { fetch })
  await runWith(['dead-letters', 'replay', 'order-core.saga', '1'], { fetch })
  expect(timeout.mock.calls.flat()).toEqual([300_000, 300_000])
  timeout.mockRestore()
})
