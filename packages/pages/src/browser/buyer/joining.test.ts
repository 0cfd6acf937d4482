import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { joined, type rejected, start } from '../../testing/buyer-page.ts'
import { createJobRunner } from '../shared/run-jobs.ts'
import { beginWith } from './begin.ts'
import { type Job, jobsOf } from './jobs.ts'
import type { Model } from './model.ts'
import type { PageEvent } from './page-event.ts'
import { reduce } from './reduce.ts'
import { viewOf } from './view-state.ts'
import { doJob } from './work.ts'

const SECOND = 1_000
const RESPONSE_MS = 10

type Responses = Readonly<Record<string, () => Response>>

const rejection = (code: Parameters<typeof rejected>[0], status: number, headers: Record<string, string> = {}) =>
  Response.json({ code, status, detail: '' }, { status, headers })
const usual: Responses = {
  'POST tickets': () => Response.json(joined.joined, { status: 201 }),
  'GET ticket': () => rejection('ticket-missing', 401),
  'GET ended-pass': () => Response.json({ admission: 'ended-pass' }),
  'GET orders': () => Response.json({ orders: [] }),
}

class RejectedSocket {
  onclose: (event: { reason: string }) => void = () => undefined
  constructor() {
    setTimeout(() => this.onclose({ reason: '' }), RESPONSE_MS)
  }
  close() {}
}

let stop = () => {}
beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  stop()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** Runs the page's jobs against these responses, in virtual time. */
const openPage = (from: Model, replies: Responses = {}) => {
  const requests: string[] = []
  vi.stubGlobal('location', new URL('http://shop.test/sales/demo'))
  vi.stubGlobal('WebSocket', RejectedSocket)
  vi.stubGlobal('fetch', async (url: string, { method }: RequestInit) => {
    const name = `${method} ${url.split('/').at(-1)}`
    requests.push(name)
    await new Promise((resolve) => setTimeout(resolve, RESPONSE_MS))
    const reply = { ...usual, ...replies }[name]
    if (reply === undefined) throw new TypeError('unreachable')
    return reply()
  })
  let model = from
  const dispatch = (pageEvent: PageEvent) => {
    model = reduce(model, pageEvent)
    run(jobsOf(model))
  }
  const context = {
    ...{ sale: 'demo', orderCoreUrl: 'http://core.test', notifierUrl: 'http://news.test' },
    ...{ waker: new EventTarget(), model: () => model, dispatch, now: Date.now, goTo: () => undefined },
  }
  const run = createJobRunner<Job>(
    (job, signal) => doJob(job, context, signal),
    (error) => {
      throw error
    },
  )
  stop = () => run([])
  run(jobsOf(model))
  return {
    joins: () => requests.filter((name) => name === 'POST tickets').length,
    view: () => viewOf(model, Date.now()),
  }
}
const known = beginWith({ id: 'demo', name: 'Demo', state: 'open' }, {}, { isKnown: true })

it('pauses longer and longer while the line rejects the tickets that it issues', async () => {
  const page = openPage(start)
  await vi.advanceTimersByTimeAsync(10 * SECOND)
  expect(page.joins()).toBeGreaterThan(2)
  expect(page.joins()).toBeLessThan(7)
  const before = page.joins()
  await vi.advanceTimersByTimeAsync(60 * SECOND)
  expect(page.joins() - before).toBeLessThan(9)
})

it('never joins in a known browser whose order the order core has', async () => {
  const order = { id: 'o1', status: 'confirmed', items: [], version: 2, createdAt: '2030-01-01T12:00:00.000Z' }
  const page = openPage(known, {
    'GET orders': () => Response.json({ orders: [order] }),
    'GET o1': () => Response.json(order),
  })
  await vi.advanceTimersByTimeAsync(5 * SECOND)
  expect(page.view().screen.kind).toBe('confirmed')
  expect(page.joins()).toBe(0)
})

it('never joins in a known browser while the order core is unavailable', async () => {
  const page = openPage(known, { 'GET orders': () => rejection('unavailable', 503) })
  await vi.advanceTimersByTimeAsync(30 * SECOND)
  expect(page.view().screen.kind).toBe('may-join')
  expect(page.joins()).toBe(0)
})

it('retries a full line after Retry-After, without reporting a lost connection', async () => {
  const page = openPage(start, { 'POST tickets': () => rejection('line-full', 503, { 'retry-after': '10' }) })
  await vi.advanceTimersByTimeAsync(8 * SECOND)
  expect(page.joins()).toBe(1)
  expect(page.view()).toMatchObject({ lost: false, screen: { kind: 'join-rejected', retries: true } })
  await vi.advanceTimersByTimeAsync(3 * SECOND)
  expect(page.joins()).toBe(2)
})

it('does not repeat a join that is permanently rejected', async () => {
  const page = openPage(start, { 'POST tickets': () => rejection('origin-refused', 403) })
  await vi.advanceTimersByTimeAsync(30 * SECOND)
  expect(page.joins()).toBe(1)
  expect(page.view()).toMatchObject({ lost: false, screen: { kind: 'join-rejected', retries: false } })
})

it('reports a lost connection when no server responds, and keeps trying', async () => {
  const page = openPage(start, {
    'POST tickets': () => {
      throw new TypeError('unreachable')
    },
  })
  await vi.advanceTimersByTimeAsync(10 * SECOND)
  expect(page.view()).toMatchObject({ lost: true, screen: { kind: 'joining' } })
  expect(page.joins()).toBeGreaterThan(1)
})
