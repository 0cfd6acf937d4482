import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRequestGuard } from './request-guard.ts'

const guard = createRequestGuard({
  shedder: { isOverloaded: () => true },
  headersMax: 20,
  allowedOrigins: [],
  countLimited() {},
})
const server = createServer((request, response) => void guard(request, response))
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
})
afterAll(() => void server.close())

async function open(headers: Record<string, string>) {
  const { port } = server.address() as AddressInfo
  const [response] = (await once(get({ port, host: '127.0.0.1', headers }), 'response')) as [IncomingMessage]
  return { response, body: await text(response) }
}

it.each<Record<string, string>>([
  { 'sec-fetch-mode': 'navigate', accept: '*/*' },
  { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
])('a person who opens a page of an overloaded process gets one that reloads itself: %o', async (headers) => {
  const { response, body } = await open(headers)
  expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '2'])
  expect(response.headers['content-type']).toBe('text/html; charset=UTF-8')
  expect(response.headers['content-security-policy']).toContain("default-src 'none'")
  expect(body).toContain('<meta http-equiv="refresh" content="2">')
  expect(body).not.toMatch(/<script|<style|style=/)
})

it('the page is in the language of the browser', async () => {
  const { response, body } = await open({ accept: 'text/html', 'accept-language': 'ko-KR,ko;q=0.9' })
  expect(response.headers).toMatchObject({ 'content-language': 'ko', vary: 'Accept, Accept-Language' })
  expect(body).toContain('<html lang="ko" dir="ltr">')
  expect(body).toContain('<h1>접속자가 매우 많습니다</h1>')
  expect((await open({ accept: 'text/html' })).body).toContain('<h1>The shop is very busy</h1>')
})

it.each<Record<string, string>>([
  { 'sec-fetch-mode': 'cors', accept: 'text/html' },
  { accept: 'application/json' },
  {},
])('a program gets problem+json: %o', async (headers) => {
  const { response, body } = await open(headers)
  expect(response.headers['content-type']).toBe('application/problem+json')
  expect(JSON.parse(body)).toMatchObject({ code: 'busy', limit: 'event-loop-lag' })
})

it('a program gets the title in its language', async () => {
  const { response, body } = await open({ accept: 'application/json', 'accept-language': 'ko' })
  expect(response.headers['content-language']).toBe('ko')
  expect(JSON.parse(body)).toMatchObject({ code: 'busy', title: '현재 요청이 많아 처리할 수 없습니다' })
})

it('too many header fields are a problem of the request, whichever client sent it', async () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`x-${index}`, '1']))
  const { response } = await open({ ...many, 'sec-fetch-mode': 'navigate' })
  expect([response.statusCode, response.headers['content-type']]).toEqual([431, 'application/problem+json'])
})
