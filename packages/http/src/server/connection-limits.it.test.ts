import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { type ConnectionConfig, connectionDefaults } from '@floodgate/runtime'
import { eventually } from '@floodgate/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { createConnectionLimits } from './connection-limits.ts'
import { type Listening, listen } from './listen.ts'
import { createRequestGuard } from './request-guard.ts'

const HEADERS_MAX = 20
const LARGE = 'x'.repeat(8 * 1024 * 1024)

const counted: string[] = []
const countLimited = (limit: string) => void counted.push(limit)
let server: Listening | undefined
const clients: Socket[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await server?.close(0)
  counted.splice(0)
})

async function start(changes: Partial<ConnectionConfig & { trustedHops: number }> = {}): Promise<Listening> {
  const config = { ...connectionDefaults, trustedHops: 0, headersMax: HEADERS_MAX, ...changes }
  server = await listen({
    fetch: async (request) => {
      if (request.method === 'POST') await request.text()
      return new Response(new URL(request.url).pathname === '/large' ? LARGE : 'here')
    },
    tryFastPath: createRequestGuard({
      shedder: { isOverloaded: () => false },
      headersMax: config.headersMax,
      allowedOrigins: [],
      countLimited,
    }),
    host: '127.0.0.1',
    port: 0,
    connections: config,
    limits: createConnectionLimits(config, countLimited),
    countLimited,
  })
  return server
}

function client({ port }: Listening, localAddress = '127.0.0.1'): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  socket.on('error', () => undefined)
  clients.push(socket)
  return socket
}
const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: floodgate\r\n${headers}\r\n`
/** Returns the response to one request on a connection that stays open; empty when the connection was cut. */
async function ask(socket: Socket, request = get('/')): Promise<string> {
  socket.write(request)
  const response = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [''])])
  return String(response[0])
}
const statusOf = (response: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(response)?.[1])
const codeOf = (response: string): string | undefined => /"code":"([^"]+)"/.exec(response)?.[1]
const fields = (count: number) => Array.from({ length: count }, (_, index) => `x-${index}: 1\r\n`).join('')

describe('connections', () => {
  it('of a process are bounded, and one that closes frees its place', async () => {
    const listening = await start({ connectionsMax: 3, connectionsPerAddressMax: 0 })
    const [first, ...others] = [client(listening), client(listening), client(listening)]
    for (const each of [first, ...others]) expect(statusOf(await ask(each as Socket))).toBe(200)
    expect(await ask(client(listening))).toBe('')
    expect(counted).toEqual(['connections'])
    first?.destroy()
    await eventually(async () => expect(statusOf(await ask(client(listening)))).toBe(200))
  })

  it("of one address are at most a fifth of the process' bound, so that it cannot shut out others", async () => {
    const listening = await start({ connectionsMax: 10, connectionsPerAddressMax: 5_000 })
    for (let index = 0; index < 2; index += 1) expect(statusOf(await ask(client(listening)))).toBe(200)
    expect(await ask(client(listening))).toBe('')
    expect(counted).toEqual(['connections-per-address'])
    expect(statusOf(await ask(client(listening, '127.0.0.2')))).toBe(200)
  })

  it('of one address are bounded, and other addresses are not affected', async () => {
    const listening = await start({ connectionsPerAddressMax: 2 })
    for (let index = 0; index < 2; index += 1) expect(statusOf(await ask(client(listening)))).toBe(200)
    expect(await ask(client(listening))).toBe('')
    expect(counted).toEqual(['connections-per-address'])
    expect(statusOf(await ask(client(listening, '127.0.0.2')))).toBe(200)
  })

  it('of a proxy are not bounded by address', async () => {
    const listening = await start({ connectionsPerAddressMax: 2, trustedHops: 1 })
    for (let index = 0; index < 4; index += 1) expect(statusOf(await ask(client(listening)))).toBe(200)
    expect(counted).toEqual([])
  })

  it('that are idle end after the configured time', async () => {
    const listening = await start({ keepAliveSeconds: 1 })
    const socket = client(listening)
    expect(await ask(socket)).toMatch(/keep-alive: timeout=1\r/i)
    await once(socket, 'close')
    expect(counted).toEqual([])
  })
})

describe('the header section', () => {
  it('has at most so many fields', async () => {
    const socket = client(await start())
    expect(statusOf(await ask(socket, get('/', fields(HEADERS_MAX - 1))))).toBe(200)
    const rejected = await ask(socket, get('/', fields(HEADERS_MAX)))
    expect([statusOf(rejected), codeOf(rejected)]).toEqual([431, 'headers-too-large'])
    expect(counted).toEqual(['headers'])
  })

  it('has at most so many fields in an upgrade, too', async () => {
    const upgrade = `Connection: Upgrade\r\nUpgrade: websocket\r\n${fields(HEADERS_MAX)}`
    expect(statusOf(await ask(client(await start()), get('/', upgrade)))).toBe(431)
  })

  it('has at most so many bytes', async () => {
    const listening = await start({ headersMaxBytes: 4_096 })
    expect(statusOf(await ask(client(listening), get('/', `x-long: ${'y'.repeat(3_500)}\r\n`)))).toBe(200)
    const rejected = await ask(client(listening), get('/', `x-long: ${'y'.repeat(4_500)}\r\n`))
    expect([statusOf(rejected), codeOf(rejected)]).toEqual([431, 'headers-too-large'])
    expect(counted).toEqual(['header-bytes'])
  })

  it('has room for 32 KiB by default: the cookies of a whole domain', async () => {
    const listening = await start({ headersMaxBytes: connectionDefaults.headersMaxBytes })
    // Node counts the target, and the name and value of each field.
    const others = '/hostx'.length + 'cookie'.length
    const cookie = (bytes: number) => `cookie: ${'y'.repeat(bytes)}\r\n`
    const fits = await ask(client(listening), get('/', cookie(32_768 - others - 64)))
    expect(statusOf(fits)).toBe(200)
    const rejected = await ask(client(listening), get('/', cookie(32_768 - others)))
    expect([statusOf(rejected), codeOf(rejected)]).toEqual([431, 'headers-too-large'])
  })

  it('must arrive in time, or the connection ends', async () => {
    const listening = await start({ headersSeconds: 1, requestSeconds: 5 })
    const slow = await ask(client(listening), get('/').slice(0, -2))
    expect([statusOf(slow), codeOf(slow)]).toEqual([408, 'request-timeout'])
    expect(counted).toEqual(['request-time'])
    const inTime = client(listening)
    inTime.write(get('/').slice(0, -2))
    expect(statusOf(await ask(inTime, '\r\n'))).toBe(200)
  })

  it('that is malformed gets a problem', async () => {
    const rejected = await ask(client(await start()), 'NONSENSE\r\n\r\n')
    expect([statusOf(rejected), codeOf(rejected)]).toEqual([400, 'invalid-request'])
  })
})

describe('a request body', () => {
  const post = 'POST / HTTP/1.1\r\nHost: floodgate\r\nContent-Length: 100\r\n\r\n'

  it('that trickles in ends with the time for the request', async () => {
    const listening = await start({ headersSeconds: 1, requestSeconds: 2 })
    const socket = client(listening)
    const trickle = setInterval(() => socket.write('x'), 200)
    const slow = await ask(socket, post)
    clearInterval(trickle)
    expect([statusOf(slow), codeOf(slow)]).toEqual([408, 'request-timeout'])
  })

  it('that arrives in time is read', async () => {
    const socket = client(await start())
    socket.write(post)
    expect(statusOf(await ask(socket, 'x'.repeat(100)))).toBe(200)
  })
})

describe('a response', () => {
  it('that is not read ends with its connection', async () => {
    const listening = await start({ responseSeconds: 1 })
    const socket = client(listening)
    socket.pause()
    socket.write(get('/large'))
    await eventually(() => expect(counted).toEqual(['response-time']))
  })

  it('that is read may be large', async () => {
    const socket = client(await start({ responseSeconds: 1 }))
    socket.write(get('/large', 'Connection: close\r\n'))
    expect((await text(socket)).length).toBeGreaterThan(LARGE.length)
    expect(counted).toEqual([])
  })
})
