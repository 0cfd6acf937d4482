import { randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { eventually, sendAndHold, sendAndVanish, upgradeHead } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type Fixture, startFixture } from '../testing/fixture.ts'

const CLIENTS = 300
const SLACK = 30

let fixture: Fixture
let notifier: Awaited<ReturnType<Fixture['startNotifier']>>
beforeAll(async () => {
  fixture = await startFixture()
  notifier = await fixture.startNotifier()
})
afterAll(async () => {
  await notifier.stop()
  await fixture.stop()
})

const path = `/live/orders/${randomUUID()}`
const descriptors = (): number => readdirSync('/dev/fd').length

async function watches(): Promise<void> {
  const url = `${notifier.url().replace('http', 'ws')}/live/orders/${randomUUID()}`
  const socket = new WebSocket(url, ['floodgate.v1', await fixture.admit('buyer-1')])
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  socket.terminate()
}

it('refused upgrades whose clients send another byte and vanish leave nothing open', async () => {
  const before = descriptors()
  const target = { url: notifier.url() }
  const badToken = { 'sec-websocket-protocol': 'floodgate.v1, a.b.c' }
  for (const bytes of [upgradeHead('/elsewhere'), upgradeHead(path), upgradeHead(path, badToken)]) {
    const [answered] = await Promise.all([sendAndVanish(target, bytes, CLIENTS), watches()])
    expect(answered).toBe(CLIENTS)
  }
  await eventually(() => expect(descriptors()).toBeLessThan(before + SLACK))
})

it('handshakes that stop half-way end by the server', async () => {
  const before = descriptors()
  const release = await sendAndHold({ url: notifier.url() }, upgradeHead(path).slice(0, -2), CLIENTS)
  await watches()
  await eventually(() => expect(descriptors()).toBeLessThan(before + CLIENTS + SLACK))
  release()
})

it('a notifier stops in time with mute clients and with clients that connect meanwhile', async () => {
  const stopping = await fixture.startNotifier()
  const target = { url: stopping.url() }
  const token = await fixture.admit('buyer-1')
  const bytes = upgradeHead(path, { 'sec-websocket-protocol': `floodgate.v1, ${token}` })
  const releases = [await sendAndHold(target, bytes, 3)]
  const newcomers = setInterval(() => {
    void sendAndHold(target, bytes, 1).then((release) => releases.push(release))
  }, 50)
  const startedMs = performance.now()
  await stopping.stop()
  clearInterval(newcomers)
  expect(performance.now() - startedMs).toBeLessThan(8_000)
  for (const release of releases) release()
})
