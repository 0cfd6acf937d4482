import { expect, it } from 'vitest'
import { responseStatus } from './response-status.ts'

it('is complete with its whole head and its whole body', () => {
  expect(responseStatus('HTTP/1.1 201 Cre')).toBeUndefined()
  expect(responseStatus('HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nab')).toBeUndefined()
  expect(responseStatus('HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nabc')).toBe(201)
  expect(responseStatus('HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n')).toBe(204)
})

it('is complete with its last chunk', () => {
  const head = 'HTTP/1.1 409 Conflict\r\nTransfer-Encoding: chunked\r\n\r\n'
  expect(responseStatus(`${head}3\r\nabc\r\n`)).toBeUndefined()
  expect(responseStatus(`${head}3\r\nabc\r\n0\r\n\r\n`)).toBe(409)
})
