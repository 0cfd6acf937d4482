import { problemBody } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createClientAddressOf } from '../requests/client-address.ts'
import { type Listening, listen } from '../server/listen.ts'
import type { SocketServer, SocketServerOptions } from './socket-server.ts'
import { createTestSockets } from './testing/test-sockets.ts'

const counted: string[] = []
const opened: WebSocket[] = []
let sockets: SocketServer | undefined
let server: Listening | undefined
afterEach(async () => {
  for (const socket of opened.splice(0)) socket.terminate()
  await Promise.all([server?.close(0), sockets?.close()])
  counted.splice(0)
})

const noLimits = { socketsMax: 0, socketsPerAddressMax: 0, socketsPerTicketMax: 0 }

async function start(
  limits: Partial<typeof noLimits>,
  options: Partial<SocketServerOptions<string>> = {},
): Promise<void> {
  sockets = createTestSockets<string>({
    route: {
      matches: () => true,
      authenticate: async ({ token }) => token ?? '',
      holderOf: (token) => token,
      onOpen: () => () => {},
    },
    limits: { ...noLimits, ...limits },
    countLimited: (limit) => void counted.push(limit),
    ...options,
  })
  server = await listen({ fetch: () => new Response(), host: '127.0.0.1', port: 0, onUpgrade: sockets.upgrade })
}

interface Tried {
  readonly status: number
  readonly problem?: unknown
  readonly retryAfter?: string | undefined
  readonly socket: WebSocket
}

/** Opens a socket; resolves to status 101 when it opens. */
function open(
  ticket: string,
  options: { localAddress?: string; headers?: Record<string, string> } = {},
): Promise<Tried> {
  const socket = new WebSocket(server?.url.replace('http', 'ws') ?? '', ['floodgate.v1', ticket], options)
  opened.push(socket)
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve({ status: 101, socket }))
    socket.once('error', reject)
    socket.once('unexpected-response', (_, response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => {
        body += String(chunk)
      })
      response.once('end', () => {
        const problem = problemBody.parse(JSON.parse(body))
        resolve({ status: response.statusCode ?? 0, problem, retryAfter: response.headers['retry-after'], socket })
      })
    })
  })
}

describe('sockets', () => {
  it('of one ticket are bounded, and one that closes frees its place', async () => {
    await start({ socketsPerTicketMax: 2 })
    const [first] = [await open('a'), await open('a')]
    const rejected = await open('a')
    expect(rejected).toMatchObject({ status: 429, problem: { code: 'too-many-sockets', limit: 'sockets-per-ticket' } })
    expect(Number(rejected.retryAfter)).toBeGreaterThan(0)
    expect((await open('b')).status).toBe(101)
    expect(counted).toEqual(['sockets-per-ticket'])
    first?.socket.terminate()
    await eventually(async () => expect((await open('a')).status).toBe(101))
  })

  it('of one ticket are bounded even when all arrive at once', async () => {
    await start({ socketsPerTicketMax: 4 })
    const tried = await Promise.all(Array.from({ length: 20 }, () => open('a')))
    expect(tried.filter(({ status }) => status === 101)).toHaveLength(4)
    expect(tried.filter(({ status }) => status === 429)).toHaveLength(16)
  })

  it('of one address are bounded, and other addresses are not affected', async () => {
    await start({ socketsPerAddressMax: 2 })
    for (const ticket of ['a', 'b']) expect((await open(ticket)).status).toBe(101)
    expect(await open('c')).toMatchObject({
      status: 429,
      problem: { code: 'too-many-sockets', limit: 'sockets-per-address' },
    })
    expect((await open('d', { localAddress: '127.0.0.2' })).status).toBe(101)
    expect(counted).toEqual(['sockets-per-address'])
  })

  it("behind a proxy are bounded by the client's address", async () => {
    await start({ socketsPerAddressMax: 1 }, { clientAddressOf: createClientAddressOf({ trustedHops: 1 }) })
    const from = (address: string) => ({ headers: { 'x-forwarded-for': `6.6.6.6, ${address}` } })
    expect((await open('a', from('192.0.2.1'))).status).toBe(101)
    expect((await open('b', from('192.0.2.1'))).status).toBe(429)
    expect((await open('c', from('192.0.2.2'))).status).toBe(101)
  })

  it("of one /48 are bounded, and those of one address to a fifth of the process' bound", async () => {
    const clientAddressOf = createClientAddressOf({ trustedHops: 1 })
    await start({ socketsPerAddressMax: 2_000, socketsMax: 10 }, { clientAddressOf })
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } })
    for (const [address, status] of [
      ['2001:db8:1:1::1', 101],
      ['2001:db8:1:1::2', 101],
      ['2001:db8:1:1::3', 429],
      ['2001:db8:1:2::1', 101],
      ['2001:db8:1:3::1', 101],
      ['2001:db8:1:4::1', 429],
      ['2001:db8:2:1::1', 101],
      ['192.0.2.1', 101],
    ] as const)
      expect((await open(address.replaceAll(':', '-'), from(address))).status, address).toBe(status)
    expect(counted).toEqual(['sockets-per-address', 'sockets-per-address'])
  })

  it('of a process are bounded', async () => {
    await start({ socketsMax: 2 })
    const [first] = [await open('a'), await open('b')]
    expect(await open('c')).toMatchObject({ status: 503, problem: { code: 'busy', limit: 'sockets' } })
    expect(counted).toEqual(['sockets'])
    first?.socket.terminate()
    await eventually(async () => expect((await open('c')).status).toBe(101))
  })

  it('that were rejected are not counted', async () => {
    await start({ socketsMax: 1 }, { allowedOrigins: [] })
    for (let index = 0; index < 5; index += 1)
      expect((await open('a', { headers: { origin: 'https://evil.example' } })).status).toBe(403)
    expect((await open('a')).status).toBe(101)
  })
})

describe('the origin of a socket', () => {
  it('may be that of the public URL, whatever `Host` a proxy sends', async () => {
    await start({}, { publicUrl: 'https://queue.example/path' })
    const origin = (value: string) => ({ headers: { host: 'backend:7100', origin: value } })
    expect((await open('a', origin('https://queue.example'))).status).toBe(101)
    expect((await open('a', origin('https://evil.example'))).status).toBe(403)
    expect((await open('a', origin('http://backend:7100'))).status).toBe(101)
  })
})
