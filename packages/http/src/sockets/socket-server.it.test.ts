import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AppError } from '@floodgate/runtime'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { SocketConnection } from './connection.ts'
import { createTestSockets } from './testing/test-sockets.ts'

const opened: SocketConnection[] = []
const sockets = createTestSockets<{ who: string }>({
  limits: { socketsMax: 0, socketsPerAddressMax: 0, socketsPerTicketMax: 0, answerMsMax: 300 },
  route: {
    matches: (pathname) => pathname === '/live',
    authenticate: async ({ token }) => {
      if (token === 'slow') await new Promise(() => undefined)
      if (token !== 'good') throw new AppError('ticket-invalid')
      return { who: token }
    },
    holderOf: ({ who }) => who,
    onOpen: (connection, session) => {
      opened.push(connection)
      connection.push(JSON.stringify(session))
      return function onClose() {}
    },
  },
})
const server = createServer()
server.on('upgrade', sockets.upgrade)
let base = ''
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  base = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await sockets.close()
  server.close()
})

const problem = (path: string, protocols: string[], headers: Record<string, string> = {}) =>
  new Promise<{ status: number; type: string | undefined }>((resolve, reject) => {
    const socket = new WebSocket(base + path, protocols, { headers })
    socket.on('open', () => reject(new Error('was accepted')))
    socket.on('error', () => {})
    socket.on('unexpected-response', (_, response) =>
      resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] }),
    )
  })

describe('a socket', () => {
  it('opens for a good token and gets the first message', async () => {
    const socket = new WebSocket(`${base}/live`, ['floodgate.v1', 'good'])
    const message = await new Promise<string>((done) => socket.once('message', (data) => done(String(data))))
    expect(JSON.parse(message)).toEqual({ who: 'good' })
    expect(socket.protocol).toBe('floodgate.v1')
    socket.terminate()
  })
  it.each([
    ['a wrong token', '/live', ['floodgate.v1', 'bad'], {}, 401],
    ['no token', '/live', ['floodgate.v1'], {}, 401],
    // The handshake itself would end without a response, after five seconds.
    ['a check that takes too long', '/live', ['floodgate.v1', 'slow'], {}, 503],
    ['another path', '/elsewhere', ['floodgate.v1', 'good'], {}, 404],
    ['another origin', '/live', ['floodgate.v1', 'good'], { origin: 'https://evil.example' }, 403],
  ])('is rejected before the upgrade for %s', async (_, path, protocols, headers, status) => {
    expect(await problem(path, protocols, headers)).toEqual({ status, type: 'application/problem+json' })
  })
  it.each([
    ['GET', '/live', true],
    ['GET', '/live?x', true],
    ['POST', '/live', false],
    ['HEAD', '/live', false],
    ['GET', '/elsewhere', false],
    ['GET', '//', false],
  ])('is offered by %s %s: %s', (method, url, expected) => {
    expect(sockets.takes({ method, url })).toBe(expected)
  })
  it('is cut when the client sends more than 4 KiB', async () => {
    const socket = new WebSocket(`${base}/live`, ['floodgate.v1', 'good'])
    await new Promise((done) => socket.once('open', done))
    socket.send('x'.repeat(5_000))
    const code = await new Promise<number>((done) => socket.once('close', done))
    expect(code).toBe(1009)
  })
  it('gets a reconnect delay when the server stops', async () => {
    const socket = new WebSocket(`${base}/live`, ['floodgate.v1', 'good'])
    await new Promise((done) => socket.once('open', done))
    const closed = new Promise<[number, Buffer]>((done) => socket.once('close', (code, reason) => done([code, reason])))
    await sockets.close()
    const [code, reason] = await closed
    expect(code).toBe(1012)
    expect(JSON.parse(String(reason)).reconnectAfterMs).toBeGreaterThanOrEqual(500)
  })
})
