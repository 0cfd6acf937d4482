import { expect, it } from 'vitest'
import { createOriginGuard } from './origin-guard.ts'

const guard = createOriginGuard({
  publicUrl: 'https://room.shop.example/',
  allowedOrigins: ['https://shop.example'],
})
const host = 'upstream:7100'

it.each([
  ['no browser', {}],
  ['the own page', { origin: 'https://room.shop.example', 'sec-fetch-site': 'same-origin' }],
  ['the own page behind a proxy that sets Host', { origin: 'https://room.shop.example', host: 'upstream' }],
  ["the request's own host", { origin: 'http://upstream:7100' }],
  ['a listed origin of another site', { origin: 'https://shop.example', 'sec-fetch-site': 'cross-site' }],
  ['a bearer token, which CORS guards', { origin: 'https://evil.example', authorization: 'Bearer t' }],
  ['an address typed by hand', { 'sec-fetch-site': 'none' }],
])('lets through: %s', (_, headers) => {
  expect(() => guard({ host, ...headers })).not.toThrow()
})

it.each([
  ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['another site in an old browser', { origin: 'https://evil.example' }],
  ['another site that hides its origin', { origin: 'null' }],
  ['another site without an origin', { 'sec-fetch-site': 'cross-site' }],
  ['a sibling host', { origin: 'https://blog.shop.example', 'sec-fetch-site': 'same-site' }],
  ['the own name without TLS', { origin: 'http://room.shop.example' }],
  ['an invalid origin', { origin: 'room.shop.example' }],
])('rejects: %s', (_, headers) => {
  expect(() => guard({ host, ...headers })).toThrow(expect.objectContaining({ code: 'origin-refused', status: 403 }))
})
