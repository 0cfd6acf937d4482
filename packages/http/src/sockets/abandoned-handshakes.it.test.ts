import { readdirSync } from 'node:fs'
import { AppError } from '@floodgate/runtime'
import { eventually, sendAndHold, sendAndVanish, upgradeHead } from '@floodgate/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type Listening, listen } from '../server/listen.ts'
import type { SocketServer } from './socket-server.ts'
import { createTestSockets } from './testing/test-sockets.ts'

const CLIENTS = 300
/** Descriptors that the runtime opens and closes meanwhile. */
const SLACK = 25
const BACK_MS_MAX = 10_000

const createSockets = () =>
  createTestSockets({
    route: {
      matches: (pathname) => pathname === '/live',
      authenticate: async ({ token }) => {
        if (token === 'mute') return new Promise<never>(() => {})
        if (token !== 'good') throw new AppError('ticket-invalid')
      },
      holderOf: () => '',
      onOpen: (connection) => {
        connection.push('hello')
        return function onClose() {}
      },
    },
  })
const listenTo = (sockets: SocketServer): Promise<Listening> =>
  listen({ fetch: () => new Response('here'), host: '127.0.0.1', port: 0, onUpgrade: sockets.upgrade })

const sockets = createSockets()
let server: Listening
beforeAll(async () => {
  server = await listenTo(sockets)
})
afterAll(async () => {
  await sockets.close()
  await server.close(0)
})

const descriptors = (): number => readdirSync('/dev/fd').length
/** Resolves when no more descriptors are open than before, plus `held` ones of the clients themselves. */
const descriptorsAreBack = (before: number, held = 0) =>
  eventually(() => expect(descriptors()).toBeLessThan(before + held + SLACK), { timeoutMs: BACK_MS_MAX })

/** Opens a well-behaved socket at the same time. */
async function opensSocket(): Promise<void> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/live`, ['floodgate.v1', 'good'])
  const message = await new Promise<string>((resolve, reject) => {
    socket.once('message', (data) => resolve(String(data)))
    socket.once('error', reject)
  })
  expect(message).toBe('hello')
  socket.terminate()
}

const token = (value: string) => ({ 'sec-websocket-protocol': `floodgate.v1, ${value}` })

describe('an abandoned handshake frees its descriptor', () => {
  it.each([
    ['with another path', upgradeHead('/elsewhere')],
    ['without a token', upgradeHead('/live')],
    ['with a wrong token', upgradeHead('/live', token('bad'))],
    ['without a key', upgradeHead('/live', { ...token('good'), 'sec-websocket-key': '' })],
    ['with a path that is no URL', upgradeHead('//')],
  ])('when it was rejected %s and the client has sent one more byte', async (_, bytes) => {
    const before = descriptors()
    const [responded] = await Promise.all([sendAndVanish(server, bytes, CLIENTS), opensSocket()])
    expect(responded).toBe(CLIENTS)
    await descriptorsAreBack(before)
  })

  it.each([
    ['the head is not complete', upgradeHead('/live').slice(0, -2)],
    ['nothing was sent', ''],
    ['the response is not read', upgradeHead('/live')],
    ['the authentication hangs', upgradeHead('/live', token('mute'))],
  ])('when the client stays and %s', async (_, bytes) => {
    const before = descriptors()
    const release = await sendAndHold(server, bytes, CLIENTS)
    await opensSocket()
    await descriptorsAreBack(before, CLIENTS)
    release()
  })

  it('when the client half-closes an open socket', async () => {
    const before = descriptors()
    // A close frame with a mask of zeros, after which the client keeps its end of the connection open.
    const bytes = `${upgradeHead('/live', token('good'))}\x88\x80\x00\x00\x00\x00`
    const release = await sendAndHold(server, bytes, CLIENTS)
    await descriptorsAreBack(before, CLIENTS)
    release()
  })
})

describe('a server that stops', () => {
  it('does not wait for handshakes, rejected or in progress', async () => {
    const stopping = createSockets()
    const listening = await listenTo(stopping)
    const releases = await Promise.all([
      sendAndHold(listening, upgradeHead('/live'), 20),
      sendAndHold(listening, upgradeHead('/live', token('mute')), 20),
      sendAndHold(listening, upgradeHead('/live', token('good')), 20),
    ])
    await sendAndVanish(listening, upgradeHead('/live'), 20)
    await eventually(() => expect(stopping.count()).toBe(20))
    await stopping.close()
    // Waits for every connection that the server still has.
    await listening.close(0)
    for (const release of releases) release()
  })
})
