import { expect, it } from 'vitest'
import { frameOrigins, isLocalOrigin, returnOrigins } from './origins.ts'

it.each([
  'https://shop.example',
  'https://shop.example:8443',
  'https://xn--mller-kva.example',
  'https://localhost:8443',
  'https://127.0.0.1:8443',
  'https://1.shop2.example:65535',
  'http://localhost:3000',
  'http://127.0.0.1',
])('%s is an origin', (origin) => {
  for (const origins of [frameOrigins, returnOrigins]) expect(origins.parse([origin])).toEqual([origin])
  expect(isLocalOrigin(origin)).toBe(origin.startsWith('http:'))
})

it.each([
  '*',
  'null',
  "'self'",
  'https://*',
  'https://*.shop.example',
  'https://shop.*',
  'https://shop.example/',
  'https://shop.example/path',
  'https://shop.example?query',
  'https://shop.example#part',
  'https://user@shop.example',
  'https://user:word@shop.example',
  'https://shop.example:443',
  'https://shop.example:0',
  'https://shop.example:65536',
  'https://shop.example:99999',
  'https://shop.1',
  'https://1.2.3.256',
  'https://shop.example:*',
  'https://Shop.example',
  'HTTPS://shop.example',
  'https://müller.example',
  'https://shop.example.',
  'https://shop..example',
  'https://-shop.example',
  'https://shop_.example',
  'https://1',
  'https://127.1',
  'https://0x7f.0.0.1',
  'https://[::1]',
  'http://shop.example',
  'http://localhost.shop.example',
  'http://localhost:80',
  'ftp://shop.example',
  'javascript:alert(1)',
  'shop.example',
  '',
  'https://a.example https://b.example',
  'https://a.example;script-src',
  'https://a;script-src',
  'https://a.example,https://b.example',
  'https://a.example\n',
  'https://a.example\r\nx: y',
  `https://${'a'.repeat(64)}.example`,
])('%j is rejected', (origin) => {
  for (const origins of [frameOrigins, returnOrigins]) expect(origins.safeParse([origin]).success).toBe(false)
})

it('there are none by default, and at most twenty', () => {
  expect(frameOrigins.parse(undefined)).toEqual([])
  const many = (count: number) => Array.from({ length: count }, (_, index) => `https://shop-${index}.example`)
  expect(frameOrigins.safeParse(many(20)).success).toBe(true)
  expect(frameOrigins.safeParse(many(21)).success).toBe(false)
})
