import { sendAndHold, upgradeHead } from '@floodgate/testkit'
import { afterEach, expect, it } from 'vitest'
import { runTiny, type TinyRun } from '../app-tests/testing/run-tiny.ts'

const SHUTDOWN_SECONDS = 8
const MUTE = 200
const NEWCOMERS_EVERY_MS = 20

let running: TinyRun | undefined
afterEach(async () => {
  running?.signalGroup('SIGKILL')
  await running?.ended
})

const halfRequest = 'POST /visits HTTP/1.1\r\nHost: tiny\r\nContent-Length: 10\r\n\r\n{'

it.each(['1', '2'])('%s process(es) stop in order with mute and with new clients', async (workers) => {
  const tiny = runTiny({ WORKERS: workers, SHUTDOWN_SECONDS: String(SHUTDOWN_SECONDS), SOCKETS_PER_TICKET_MAX: '0' })
  running = tiny
  const [listening] = await tiny.lines('listening', Number(workers))
  const target = { url: listening?.url ?? '' }
  const releases = await Promise.all([
    // Open sockets that never respond to a close frame, unfinished handshakes and requests, idle connections.
    sendAndHold(target, upgradeHead('/live'), MUTE),
    sendAndHold(target, upgradeHead('/live').slice(0, -2), MUTE),
    sendAndHold(target, halfRequest, MUTE),
    sendAndHold(target, 'GET /livez HTTP/1.1\r\nHost: tiny\r\n\r\n', MUTE),
  ])
  const newcomers = setInterval(() => {
    void sendAndHold(target, upgradeHead('/live'), 5).then((release) => releases.push(release))
  }, NEWCOMERS_EVERY_MS)
  tiny.signal('SIGTERM')
  expect(await tiny.ended).toEqual({ code: 0, signal: null })
  clearInterval(newcomers)
  for (const release of releases) release()
})
