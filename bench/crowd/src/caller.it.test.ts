import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createCaller } from './caller.ts'
import { createHttpClient } from './http-client.ts'
import type { Operation } from './observer.ts'
import { createPause } from './pause.ts'

let server: Server
let url: string
let respond: (response: ServerResponse, asked: number) => void
let asked = 0
let openMost = 0
let open = 0

beforeAll(async () => {
  server = createServer((_, response) => {
    asked += 1
    open += 1
    openMost = Math.max(openMost, open)
    response.once('close', () => {
      open -= 1
    })
    respond(response, asked)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
})
afterEach(() => {
  asked = 0
  openMost = 0
})
afterAll(() => server.close())

const call = { operation: 'order', method: 'POST', path: '/orders', body: { items: [] } } as const
interface Seen {
  readonly operation: Operation
  readonly status: number | undefined
}

function callerWith(options: { readonly urls?: readonly string[]; readonly connections?: number } = {}) {
  const seen: Seen[] = []
  const client = createHttpClient(options.connections ?? 4)
  const caller = createCaller(options.urls ?? [url], {
    client,
    observer: { onResponse: ({ operation, status }) => seen.push({ operation, status }) },
    // Retries do not wait in this test.
    pause: () => Promise.resolve(),
  })
  return { caller, client, seen }
}

describe('a retrying client', () => {
  it('retries until it gets a response, and reports every attempt', async () => {
    respond = (response, times) => {
      if (times === 1) response.writeHead(503, { 'retry-after': '1' }).end()
      else if (times === 2) response.destroy()
      else response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":"a"}')
    }
    const { caller, client, seen } = callerWith()
    expect(await caller.call(call)).toMatchObject({ status: 201, body: { id: 'a' } })
    expect(seen.map(({ status }) => status)).toEqual([503, undefined, 201])
    client.close()
  })

  it('does not retry a rejection', async () => {
    respond = (response) => response.writeHead(409, { 'retry-after': '2' }).end('{"code":"sold-out","final":false}')
    const { caller, client } = callerWith()
    expect(await caller.call(call)).toEqual({
      status: 409,
      body: { code: 'sold-out', final: false },
      retryAfterSeconds: 2,
    })
    client.close()
  })

  it('uses the next process when one is gone', async () => {
    respond = (response) => response.end('{}')
    const { caller, client, seen } = callerWith({ urls: ['http://127.0.0.1:1', url] })
    expect(await caller.call(call)).toMatchObject({ status: 200 })
    expect(seen.map(({ status }) => status)).toEqual([undefined, 200])
    client.close()
  })

  it('shares few connections among many callers', async () => {
    respond = (response) => setImmediate(() => response.end('{}'))
    const { caller, client } = callerWith({ connections: 3 })
    const responses = await Promise.all(Array.from({ length: 50 }, () => caller.call(call)))
    expect(responses.every(({ status }) => status === 200)).toBe(true)
    expect(openMost).toBeLessThanOrEqual(3)
    client.close()
  })
})

describe('a pause', () => {
  it('ends for all callers at once when the crowd is aborted', async () => {
    const over = new AbortController()
    const pause = createPause(over.signal)
    const pauses = Array.from({ length: 100 }, () => pause(3_600_000))
    over.abort(new Error('over'))
    const ends = await Promise.allSettled(pauses)
    expect(ends.every(({ status }) => status === 'rejected')).toBe(true)
    await expect(pause(1)).rejects.toThrow('over')
  })
})
