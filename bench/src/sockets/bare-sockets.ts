// A bare `ws` server: the minimum cost of a socket in this runtime. It sends each socket one message, as the waiting
// room does at first, answers pings, and prints its address once it listens.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

const PAYLOAD_BYTES_MAX = 4 * 1024
const message = JSON.stringify({ state: 'waiting', saleState: 'open', position: 1, etaSeconds: 1, pollAfterMs: 1_000 })

const server = createServer()
const sockets = new WebSocketServer({
  server,
  perMessageDeflate: false,
  maxPayload: PAYLOAD_BYTES_MAX,
  handleProtocols: () => 'floodgate.v1',
})
sockets.on('connection', (socket) => socket.send(message))
server.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 }, () => {
  process.stdout.write(`ws://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
