import { describe, expect, it } from 'vitest'
import { isNavigation } from './navigation.ts'
import { isLocalHttp, originOf } from './origin.ts'
import { gateRequest } from './request.ts'
import { returnUrlOf } from './return-url.ts'
import { asciiTarget, readTarget, relativeUrl } from './target.ts'

const request = (headers: Readonly<Record<string, string>>, { method = 'GET', target = '/', secure = false } = {}) =>
  gateRequest({ method, target, secure, header: (name) => headers[name] })

describe('a target', () => {
  it.each([
    ['/checkout?a=1#part', '/checkout?a=1#part', '/checkout'],
    ['http://other.example/checkout?a=1', '/checkout?a=1', '/checkout'],
    ['HTTPS://other.example', '/', '/'],
    ['https://other.example?a=1', '/?a=1', '/'],
    ['//other.example/a', '//other.example/a', '//other.example/a'],
    ['*', '/*', '/*'],
    ['', '/', '/'],
  ])('%j is %j', (target, whole, path) => {
    expect(request({}, { target })).toMatchObject({ target: whole, path })
  })

  it.each([
    ['/a', '/a', undefined, false],
    ['/a?floodgate=X', '/a', 'X', false],
    ['/a?floodgate', '/a', '', false],
    ['/a?b=%2f+%20&floodgate=X&&c=', '/a?b=%2f+%20&&c=', 'X', false],
    ['/a?floodgate=X&floodgate-refused=1', '/a', 'X', true],
    ['/a?floodgate=old&b&floodgate=X=Y', '/a?b', 'X=Y', false],
    ['/a?floodgates=1&my-floodgate=2', '/a?floodgates=1&my-floodgate=2', undefined, false],
    ['/floodgate?a', '/floodgate?a', undefined, false],
  ])('of %j is %j without the gate`s parameters', (target, clean, value, wasRefused) => {
    expect(readTarget(target)).toEqual({ clean, value, wasRefused })
  })

  it.each([
    ['/a?b=1', '/a?b=1'],
    ['//evil.example/a', '/.//evil.example/a'],
    ['/\\evil.example', '/./\\evil.example'],
    ['/a b\r\nset-cookie:x', '/a%20b%0d%0aset-cookie:x'],
    ['/caf\u00e9', '/caf%e9'],
  ])('%j is %j in a header, and stays on its host', (target, safe) => {
    expect(relativeUrl(asciiTarget(target))).toBe(safe)
    expect(new URL(safe, 'https://shop.example').origin).toBe('https://shop.example')
  })
})

describe('a page is told from a script', () => {
  it.each([
    [{ 'sec-fetch-mode': 'navigate' }, 'GET', true],
    [{ 'sec-fetch-mode': 'navigate' }, 'POST', true],
    [{ 'sec-fetch-mode': 'cors', accept: 'text/html' }, 'GET', false],
    [{ 'sec-fetch-mode': 'no-cors', accept: 'text/html' }, 'GET', false],
    [{ 'sec-fetch-mode': 'websocket' }, 'GET', false],
    [{ accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }, 'GET', true],
    [{ accept: 'text/html' }, 'POST', true],
    [{ accept: 'text/html' }, 'PUT', false],
    [{ accept: '*/*' }, 'GET', false],
    [{}, 'GET', false],
  ])('%j by %s: %s', (headers, method, isPage) => {
    expect(isNavigation(request(headers, { method }))).toBe(isPage)
  })
})

describe('the origin', () => {
  const forwarded = {
    'x-forwarded-host': 'Shop.example, inner',
    'x-forwarded-proto': 'https, http',
    host: 'inner:8080',
  }
  it.each([
    [{ host: 'Shop.example:8443' }, { secure: true }, {}, 'https://shop.example:8443'],
    [{ host: 'shop.example:443' }, { secure: true }, {}, 'https://shop.example'],
    [{ host: 'shop.example:80' }, {}, {}, 'http://shop.example'],
    [{ host: '[::1]:8080' }, {}, {}, 'http://[::1]:8080'],
    [forwarded, {}, {}, 'http://inner:8080'],
    [forwarded, {}, { trustProxy: true }, 'https://shop.example'],
    [{ host: 'inner' }, {}, { trustProxy: true }, 'http://inner'],
    [forwarded, {}, { origin: 'https://fixed.example' }, 'https://fixed.example'],
    [{}, {}, { origin: 'https://fixed.example/' }, 'https://fixed.example'],
    [{}, {}, {}, undefined],
    [{ host: 'a/b' }, {}, {}, undefined],
    [{ host: 'user@a' }, {}, {}, undefined],
    [{ host: 'a b' }, {}, {}, undefined],
    [{ host: 'a', 'x-forwarded-proto': 'javascript' }, {}, { trustProxy: true }, undefined],
  ])('of %j with %j and %j is %s', (headers, connection, options, origin) => {
    expect(originOf(request(headers as Record<string, string>, connection), options)).toBe(origin)
  })

  it.each([
    ['http://localhost:3000', true],
    ['http://shop.localhost', true],
    ['http://127.0.0.1', true],
    ['http://[::1]:80', true],
    ['https://localhost', false],
    ['http://localhost.evil.example', false],
    ['http://127.0.0.1.evil.example', false],
    ['http://shop.example', false],
    [undefined, false],
  ])('%s needs no Secure: %s', (origin, isLocal) => {
    expect(isLocalHttp(origin)).toBe(isLocal)
  })
})

describe('the way back', () => {
  const SHOP = 'https://shop.example'
  const back = (clean: string, headers = {}, method = 'GET') => returnUrlOf(request(headers, { method }), SHOP, clean)

  it('is the same URL, without its query where that is too long for the line', () => {
    expect(back('/a?b=1')).toBe(`${SHOP}/a?b=1`)
    expect(back(`/a?b=${'x'.repeat(2_000)}`)).toBe(`${SHOP}/a`)
    expect(back(`/${'x'.repeat(2_000)}`)).toBe(`${SHOP}/`)
    expect(returnUrlOf(request({}), undefined, '/a')).toBeUndefined()
    expect(returnUrlOf(request({}), `https://${'x'.repeat(1_950)}`, '/a')).toBeUndefined()
  })

  it.each([
    [`${SHOP}/form?a=1#part`, `${SHOP}/form?a=1`],
    [`${SHOP}/form?floodgate=X&a=1`, `${SHOP}/form?a=1`],
    [`${SHOP}/`, `${SHOP}/`],
    [SHOP, `${SHOP}/`],
    ['https://shop.example.evil.example/', `${SHOP}/`],
    ['http://shop.example/form', `${SHOP}/`],
    ['garbage', `${SHOP}/`],
  ])('of a form on %j is %j', (referer, url) => {
    expect(back('/pay', { referer }, 'POST')).toBe(url)
  })
})
