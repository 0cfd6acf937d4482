import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { eventually } from './eventually.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

let server: Server
let proxy: TcpProxy
const opened: Socket[] = []
beforeEach(async () => {
  server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address() as { port: number }
  proxy = await startTcpProxy(`tcp://user:secret@127.0.0.1:${address.port}/path`)
})
afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy()
  await proxy.close()
  server.close()
})

async function open() {
  const { hostname, port } = new URL(proxy.url)
  const socket = connect({ host: hostname, port: Number(port) })
  opened.push(socket)
  const seen = { text: '', isClosed: false }
  socket.on('error', () => undefined)
  socket.on('close', () => {
    seen.isClosed = true
  })
  socket.on('data', (data) => {
    seen.text += data.toString()
  })
  await once(socket, 'connect')
  return { socket, seen }
}

it('passes bytes and ends, delayed when configured, and keeps their order when the delay ends', async () => {
  expect(proxy.url).toMatch(/^tcp:\/\/user:secret@127\.0\.0\.1:\d+\/path$/)
  const { socket, seen } = await open()
  socket.write('one ')
  await eventually(() => expect(seen.text).toBe('one '))
  proxy.delay(200)
  const startedMs = performance.now()
  socket.write('two ')
  await new Promise((resolve) => setImmediate(resolve))
  await eventually(() => expect(seen.text).toBe('one two '))
  // One delay each way.
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(390)
  socket.write('three ')
  await new Promise((resolve) => setTimeout(resolve, 20))
  proxy.delay(0)
  socket.end('four')
  await eventually(() => expect(seen).toEqual({ text: 'one two three four', isClosed: true }))
  expect(proxy.connections()).toBe(0)
})

it('cuts the open connections, and passes new ones', async () => {
  const first = await open()
  first.socket.write('x')
  await eventually(() => expect(first.seen.text).toBe('x'))
  proxy.cut()
  await eventually(() => expect(first.seen.isClosed).toBe(true))
  const second = await open()
  second.socket.write('y')
  await eventually(() => expect(second.seen.text).toBe('y'))
})

it('holds back bytes and ends of old and new connections, and passes them on once healed', async () => {
  const old = await open()
  proxy.blackhole()
  const young = await open()
  old.socket.write('held')
  young.socket.write('too')
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect([old.seen, young.seen]).toEqual([
    { text: '', isClosed: false },
    { text: '', isClosed: false },
  ])
  proxy.heal()
  await eventually(() => expect([old.seen.text, young.seen.text]).toEqual(['held', 'too']))
})
