import { expect, it } from 'vitest'
import { readResponse } from './read-response.ts'

it('is complete with its whole head and its whole body', () => {
  expect(readResponse('HTTP/1.1 201 Cre')).toBeUndefined()
  expect(readResponse('HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nab')).toBeUndefined()
  expect(readResponse('HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nabc')).toEqual({ status: 201, body: 'abc' })
  expect(readResponse('HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n')).toEqual({ status: 204, body: '' })
})

it('is complete with its last chunk', () => {
  const head = 'HTTP/1.1 409 Conflict\r\nTransfer-Encoding: chunked\r\n\r\n'
  expect(readResponse(`${head}3\r\nabc\r\n`)).toBeUndefined()
  expect(readResponse(`${head}3\r\nabc\r\n0\r\n\r\n`)).toMatchObject({ status: 409 })
})
