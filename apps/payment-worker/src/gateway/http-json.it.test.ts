import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createCallJson } from './http-json.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

const serve = async (listener: RequestListener): Promise<URL> => {
  const created = createServer(listener)
  server = created
  await new Promise<void>((resolve) => created.listen(0, '127.0.0.1', resolve))
  return new URL(`http://127.0.0.1:${(created.address() as AddressInfo).port}/charges?x=1`)
}
const never = new AbortController().signal
const callJson = createCallJson()

test('method, path, headers and body arrive, and the connection is kept', async () => {
  const ports = new Set<number | undefined>()
  const url = await serve(async (request, response) => {
    ports.add(request.socket.remotePort)
    let text = ''
    for await (const chunk of request) text += chunk
    const { method, url: path, headers } = request
    response.statusCode = 201
    response.end(
      JSON.stringify({ method, path, key: headers['idempotency-key'], length: headers['content-length'], text }),
    )
  })
  const call = { method: 'POST', headers: { 'idempotency-key': 'k' }, body: '"ü"', signal: never } as const
  const body = { method: 'POST', path: '/charges?x=1', key: 'k', length: '4', text: '"ü"' }
  expect(await callJson(url, call)).toEqual({ status: 201, body })
  // The connection is free again at the end of the turn.
  await new Promise((resolve) => setImmediate(resolve))
  expect(await callJson(url, call)).toEqual({ status: 201, body })
  expect(ports.size).toBe(1)
})

test('a response that is not JSON counts as one without a body', async () => {
  const url = await serve((_, response) => void response.writeHead(502).end('<html>'))
  expect(await callJson(url, { method: 'GET', signal: never })).toEqual({ status: 502, body: undefined })
})

test('the user and password of the URL are sent as Basic authentication', async () => {
  const url = await serve((request, response) => void response.end(JSON.stringify(request.headers.authorization)))
  const call = { method: 'GET', signal: never } as const
  expect((await callJson(url, call)).body).toBeUndefined()
  url.username = 'shop'
  url.password = 'p:ä@/'
  const basic = `Basic ${Buffer.from('shop:p:ä@/').toString('base64')}`
  expect((await callJson(url, call)).body).toBe(basic)
  const own = await callJson(url, { ...call, headers: { authorization: 'Bearer own' } })
  expect(own.body).toBe('Bearer own')
})

test('a redirect is not followed', async () => {
  const url = await serve((_, response) => void response.writeHead(307, { location: '/elsewhere' }).end('{}'))
  expect((await callJson(url, { method: 'GET', signal: never })).status).toBe(307)
})

test('a missing server is reported by the code of the error', async () => {
  const url = await serve((_, response) => void response.end())
  await new Promise((resolve) => server?.close(resolve))
  await expect(callJson(url, { method: 'GET', signal: never })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('an abort ends the call, and an earlier one prevents it', async () => {
  const calls: string[] = []
  const arrived = Promise.withResolvers<void>()
  const url = await serve((request) => {
    calls.push(String(request.url))
    arrived.resolve()
  })
  const aborting = new AbortController()
  const call = callJson(url, { method: 'GET', signal: aborting.signal })
  await arrived.promise
  aborting.abort()
  await expect(call).rejects.toMatchObject({ name: 'AbortError' })
  await expect(callJson(url, { method: 'GET', signal: aborting.signal })).rejects.toMatchObject({ name: 'AbortError' })
  expect(calls).toHaveLength(1)
})

test('a connection that breaks during a response, and an endless response, fail', async () => {
  const broken = await serve((_, response) => void response.writeHead(200).write('{', () => response.destroy()))
  await expect(callJson(broken, { method: 'GET', signal: never })).rejects.toThrow()
  server?.close()
  const endless = await serve((_, response) => void response.writeHead(200).write(' '.repeat(300_000)))
  await expect(callJson(endless, { method: 'GET', signal: never })).rejects.toThrow('longer than')
  server?.close()
  const long = await serve((_, response) => void response.end(JSON.stringify('x'.repeat(300_000))))
  const response = await callJson(long, { method: 'GET', signal: never, responseBytesMax: 400_000 })
  expect(response.body).toHaveLength(300_000)
})
