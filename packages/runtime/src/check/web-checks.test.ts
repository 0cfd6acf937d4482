import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import type { ConnectionCheck } from './connection-check.ts'
import { runChecks } from './run-checks.ts'
import { appCheck, keysCheck, operatorCheck } from './web-checks.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function serve(respond: RequestListener): Promise<string> {
  server = createServer(respond).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
function always(status: number, body: unknown): RequestListener {
  return function respond(_, response) {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
}
async function findingOf(check: ConnectionCheck, msMax = 5_000) {
  const [result] = await runChecks([check], { msMax })
  return result?.finding
}
const app = (url: string) => appCheck({ name: 'app', setting: 'APP_URL', url })
const keys = (url: string, mayBeLater = true) => keysCheck({ name: 'keys', setting: 'JWKS_URL', url, mayBeLater })
const operator = (url: string) =>
  operatorCheck({ name: 'app', setting: 'APP_URL', url, path: '/admin/x', adminToken: 'token-of-a-test-case' })

it('an app is recognised by its liveness, and anything else at its URL is a failure', async () => {
  expect(await findingOf(app(await serve(always(200, { live: true }))))).toEqual({ kind: 'ok' })
  server?.close()
  for (const respond of [always(404, {}), always(200, 'a web page'), always(302, {})])
    expect(await findingOf(app(await serve(respond)))).toMatchObject({ kind: 'failed' })
})

it('an app that is not started yet is a warning', async () => {
  const url = await serve(always(200, {}))
  server?.close()
  for (const check of [app(url), operator(url), keys(url)])
    expect(await findingOf(check)).toMatchObject({ kind: 'warning', problem: expect.stringContaining('refused') })
  expect(await findingOf(keys(url, false))).toMatchObject({ kind: 'failed' })
})

it('a mute app fails after the time of a check', async () => {
  const url = await serve(() => undefined)
  expect(await findingOf(app(url), 50)).toMatchObject({ problem: expect.stringContaining('no response') })
})

it('keys are a JWK Set with at least one key', async () => {
  expect(await findingOf(keys(await serve(always(200, { keys: [{}] }))))).toEqual({ kind: 'ok', detail: '1 keys' })
  for (const respond of [always(200, { keys: [] }), always(200, []), always(500, { keys: [{}] })])
    expect(await findingOf(keys(await serve(respond)))).toMatchObject({ kind: 'failed' })
})

it('the operator token of another app is a failure, and its own is sent as a bearer token', async () => {
  const url = await serve((request, response) => {
    response.writeHead(request.headers.authorization === 'Bearer token-of-a-test-case' ? 200 : 401).end()
  })
  expect(await findingOf(operator(url))).toMatchObject({ kind: 'ok' })
  const rejected = await findingOf(operator(await serve(always(401, {}))))
  expect(rejected).toMatchObject({ kind: 'failed', problem: expect.stringContaining('ADMIN_TOKEN') })
  expect(await findingOf(operator(await serve(always(503, {}))))).toMatchObject({ kind: 'warning' })
  expect(await findingOf(operator(await serve(always(404, {}))))).toMatchObject({ kind: 'failed' })
})
