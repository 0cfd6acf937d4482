import { spawn } from 'node:child_process'
import { open } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const MAIN = join(import.meta.dirname, 'main.ts')
const FULL = '/dev/full'
const IDS = Array.from({ length: 250 }, (_, index) => String(index + 1))

let server: Server
let environment: Record<string, string>
/** Responses of replays that the test holds back. */
const held: ServerResponse[] = []
const replays = { isHeld: false, requests: 0, onRequest: (): void => undefined }

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      response.setHeader('content-type', 'application/json')
      if (request.url === '/admin/me') {
        response.end(JSON.stringify({ id: 'a', name: 'Ada', role: 'viewer', expiresAt: null }))
        return
      }
      replays.requests += 1
      replays.onRequest()
      if (replays.isHeld && replays.requests === 2) held.push(response)
      else {
        const { ids } = JSON.parse(Buffer.concat(chunks).toString()) as { ids: string[] }
        response.end(JSON.stringify({ letters: ids.map((id) => ({ id, outcome: 'handled', reason: null })) }))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  environment = { PATH: process.env.PATH ?? '', WAITING_ROOM_URL: url, ORDER_CORE_URL: url, FLOODGATE_TOKEN: 'a-token' }
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

interface Ended {
  readonly code: number | null
  readonly errors: string
}

function start(argv: readonly string[], output: 'pipe' | number = 'pipe') {
  const child = spawn(process.execPath, [MAIN, ...argv], { env: environment, stdio: ['ignore', output, 'pipe'] })
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  child.stdout?.resume()
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, errors })))
  return { child, ended }
}

it('an output on a full disk is one line of error, and its own exit code', async () => {
  const full = await open(FULL, 'w')
  const { code, errors } = await start(['whoami'], full.fd).ended
  await full.close()
  expect(code).toBe(70)
  expect(errors).toMatch(/^floodgate: The output cannot be written: ENOSPC[^\n]*\n$/)
})

it('progress that nobody reads does not end a replay', async () => {
  const { child, ended } = start(['dead-letters', 'replay', 'order-core.saga', ...IDS])
  child.stderr?.destroy()
  expect((await ended).code).toBe(0)
  expect(replays.requests).toBe(3)
})

it('Ctrl-C ends a replay at once, with what is done so far in its progress', async () => {
  replays.requests = 0
  replays.isHeld = true
  const second = new Promise<void>((resolve) => {
    replays.onRequest = () => {
      if (replays.requests === 2) resolve()
    }
  })
  const { child, ended } = start(['dead-letters', 'replay', 'order-core.saga', ...IDS])
  await second
  child.kill('SIGINT')
  expect(await ended).toEqual({ code: 130, errors: '100 handled\n' })
  for (const response of held) response.destroy()
})
