import { expect, it } from 'vitest'
import { saleIdentity } from './identity.ts'

const accepts = (jwksUrl: string) =>
  saleIdentity.safeParse({ mode: 'required', issuer: 'https://login.shop.example', audience: 'line', jwksUrl }).success

it.each([
  'https://login.shop.example/keys?p=B2C_1A_sign-in',
  'https://login.shop.example/realms/shop-one/keys?a=1&b=c/d?e',
  'https://login.shop.example/keys?',
])('a JWKS URL may have any query: %s', (jwksUrl) => {
  expect(accepts(jwksUrl)).toBe(true)
})

it.each(['https://[2001:db8::1]/keys', 'https://10.0.0.1:65535/keys', 'http://[::1]:8080/keys'])(
  'a JWKS URL may have an address: %s',
  (jwksUrl) => {
    expect(accepts(jwksUrl)).toBe(true)
  },
)

it.each(['https://[5c5b29af9b28:]/keys', 'https://1.2.3.4.5/keys', 'https://a:65536/keys'])(
  'a host or port that no URL has is rejected: %s',
  (jwksUrl) => {
    expect(accepts(jwksUrl)).toBe(false)
  },
)

it.each([
  'https://login.shop.example/keys?p=<script>',
  'https://login.shop.example/keys?p="x"',
  'https://login.shop.example/keys?a#b',
  'https://login.shop.example/keys?a b',
])('a query has only characters of a URL: %s is rejected', (jwksUrl) => {
  expect(accepts(jwksUrl)).toBe(false)
})
