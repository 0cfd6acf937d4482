import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { Registry } from 'prom-client'
import { afterEach, describe, expect, it } from 'vitest'
import { createHttpApp } from '../routes/http-app.ts'
import { type Listening, type ListenOptions, listen } from './listen.ts'

const host = '127.0.0.1'
const opened: Listening[] = []
afterEach(async () => void (await Promise.all(opened.splice(0).map((server) => server.close(0)))))

const open = async (port = 0, options: Partial<ListenOptions> = {}): Promise<Listening> => {
  const server = await listen({ fetch: () => new Response('here'), host, port, ...options })
  opened.push(server)
  return server
}
/** Sends a request on a new connection; returns the raw response. */
const ask = async (
  { port }: Listening,
  request = 'GET / HTTP/1.1\r\nHost: floodgate\r\nConnection: close\r\n\r\n',
): Promise<string> => {
  const socket = connect(port, host)
  socket.end(request)
  return text(socket)
}

describe('listening', () => {
  it('fails on a port that another server uses', async () => {
    const holder = createServer().listen(0, host)
    await once(holder, 'listening')
    const address = holder.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    await expect(open(port)).rejects.toThrow(/EADDRINUSE/)
    holder.close()
  })

  it('fails on a port that another app of Floodgate uses', async () => {
    const { port } = await open()
    await expect(open(port)).rejects.toThrow(/EADDRINUSE/)
  })

  it('accepts many new connections at each turn of the event loop', async () => {
    const server = await open()
    const newcomers = 320
    let turns = 0
    let everybodyIsIn = false
    const countTurns = () => {
      turns += 1
      if (!everybodyIsIn) setImmediate(countTurns)
    }
    countTurns()
    const responses = await Promise.all(Array.from({ length: newcomers }, () => ask(server)))
    everybodyIsIn = true
    expect(responses.filter((response) => response.endsWith('here'))).toHaveLength(newcomers)
    // One per turn, as from a single socket, would take as many turns as there are new connections.
    expect(turns).toBeLessThan(newcomers / 2)
  })

  it.each(['h2c', 'h2c, websocket', 'foo/2'])(
    'responds to a request that offers an upgrade to %s',
    async (protocol) => {
      const server = await open(0, { onUpgrade: (_, socket) => socket.destroy() })
      const offer = `Host: floodgate\r\nConnection: Upgrade, close\r\nUpgrade: ${protocol}\r\n`
      expect(await ask(server, `GET / HTTP/1.1\r\n${offer}\r\n`)).toMatch(/^HTTP\/1\.1 200 .*here$/s)
      const post = `POST / HTTP/1.1\r\n${offer}Content-Length: 2\r\n\r\n{}`
      expect(await ask(server, post)).toMatch(/^HTTP\/1\.1 200 .*here$/s)
    },
  )

  it('passes an upgrade to WebSocket on, however it is written', async () => {
    const server = await open(0, { onUpgrade: (_, socket) => socket.end('handed over') })
    const offer = 'Host: floodgate\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n'
    expect(await ask(server, `GET / HTTP/1.1\r\n${offer}\r\n`)).toBe('handed over')
  })

  it('serves HTTP/1.0 without a host, and rejects HTTP/1.1 without one', async () => {
    const server = await open()
    expect(await ask(server, 'GET / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 .*here$/s)
    expect(await ask(server, 'GET / HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
  })

  it.each([
    ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['an invalid host', 'GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n'],
    ['an invalid target', 'GET http://[/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
  ])('rejects %s with a problem', async (_, request) => {
    expect(await ask(await open(), request)).toMatch(/^HTTP\/1\.1 400 .*problem\+json.*"invalid-request"/is)
  })

  it('ignores an unknown expectation', async () => {
    const request = 'GET / HTTP/1.1\r\nHost: a\r\nExpect: the-impossible\r\nConnection: close\r\n\r\n'
    expect(await ask(await open(), request)).toMatch(/^HTTP\/1\.1 200 .*here/s)
  })

  it.each(['OPTIONS * HTTP/1.1', 'OPTIONS / HTTP/1.0'])(
    'responds to %s, the check of a load balancer',
    async (line) => {
      const log = silentLogger
      const { fetch } = createHttpApp({ log, metrics: new Registry(), allowedOrigins: [] })
      const server = await open(0, { fetch })
      const response = await ask(
        server,
        `${line}\r\n${line.endsWith('1.1') ? 'Host: floodgate\r\nConnection: close\r\n' : ''}\r\n`,
      )
      expect(response).toMatch(/^HTTP\/1\.1 204 .*^allow: OPTIONS\r$/ims)
    },
  )

  it('accepts no connections once it is closed', async () => {
    const server = await open()
    await server.close(0)
    await Promise.all(
      Array.from({ length: 32 }, async () => {
        await expect(ask(server)).rejects.toThrow(/ECONNREFUSED|ECONNRESET/)
      }),
    )
  })
})
