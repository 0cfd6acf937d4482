import { once } from 'node:events'
import { eventually, sendAndHold, upgradeHead } from '@floodgate/testkit'
import { afterEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type Listening, listen } from '../server/listen.ts'
import type { SocketServer } from './socket-server.ts'
import { createTestSockets } from './testing/test-sockets.ts'

const MUTE = 50
const PING_EVERY_MS = 500

let sockets: SocketServer | undefined
let server: Listening | undefined
afterEach(async () => {
  await Promise.all([server?.close(0), sockets?.close()])
})

it('the sweep cuts off clients that respond to no ping, and keeps those that do', async () => {
  let closed = 0
  sockets = createTestSockets({
    pingEveryMs: PING_EVERY_MS,
    route: {
      matches: () => true,
      authenticate: async () => undefined,
      holderOf: () => '',
      onOpen: () => () => {
        closed += 1
      },
    },
  })
  server = await listen({ fetch: () => new Response(), host: '127.0.0.1', port: 0, onUpgrade: sockets.upgrade })
  const alive = new WebSocket(server.url.replace('http', 'ws'), ['floodgate.v1'])
  await once(alive, 'open')
  const release = await sendAndHold({ url: server.url }, upgradeHead('/live'), MUTE)
  await eventually(() => expect(sockets?.count()).toBe(1 + MUTE))
  await eventually(() => expect([sockets?.count(), closed]).toEqual([1, MUTE]))
  // Two more sweeps, in which it responded to each ping.
  for (let pings = 0; pings < 2; pings += 1) await once(alive, 'ping')
  expect(alive.readyState).toBe(WebSocket.OPEN)
  release()
  alive.terminate()
})
