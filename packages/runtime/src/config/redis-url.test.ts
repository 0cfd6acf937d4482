import { describe, expect, it, test } from 'vitest'
import { redisUrlSetting } from './common-settings.ts'
import { parseRedisUrl, redisUrlProblem } from './redis-url.ts'

test('one server, with credentials, database and TLS', () => {
  expect(parseRedisUrl('redis://host')).toEqual({
    kind: 'server',
    addresses: [{ host: 'host', port: 6379 }],
    database: 0,
  })
  expect(parseRedisUrl('rediss://user:p%40%2F@[::1]:7000/2?ca=/etc/ca.pem&serverName=redis.example')).toEqual({
    kind: 'server',
    addresses: [{ host: '::1', port: 7000 }],
    username: 'user',
    password: 'p@/',
    database: 2,
    tls: { ca: '/etc/ca.pem', serverName: 'redis.example', checksName: true },
  })
  expect(parseRedisUrl('rediss://:word@host?cert=c&key=k&checkName=no').tls).toEqual({
    cert: 'c',
    key: 'k',
    checksName: false,
  })
})

test('a + in a parameter is a +, as passwords and paths contain it', () => {
  const { tls, sentinel } = parseRedisUrl('rediss+sentinel://a/shop?sentinelPassword=e+f%20g%2Bh&ca=/etc/c++/ca.pem')
  expect(sentinel?.password).toBe('e+f g+h')
  expect(tls?.ca).toBe('/etc/c++/ca.pem')
})

test('Sentinels, with credentials of their own', () => {
  const url = 'redis+sentinel://user:word@a:1,b,[::1]:3/my-shop?db=3&sentinelUser=guard&sentinelPassword=p%26'
  expect(parseRedisUrl(url)).toEqual({
    kind: 'sentinel',
    addresses: [
      { host: 'a', port: 1 },
      { host: 'b', port: 26_379 },
      { host: '::1', port: 3 },
    ],
    username: 'user',
    password: 'word',
    database: 3,
    sentinel: { name: 'my-shop', username: 'guard', password: 'p&' },
  })
  expect(parseRedisUrl('rediss+sentinel://a/shop').tls).toEqual({ checksName: true })
})

test('some nodes of a Cluster', () => {
  expect(parseRedisUrl('redis+cluster://:word@a,b:7001')).toEqual({
    kind: 'cluster',
    addresses: [
      { host: 'a', port: 6379 },
      { host: 'b', port: 7001 },
    ],
    password: 'word',
    database: 0,
  })
})

describe('a URL that can never work', () => {
  test.each([
    ['redis://a,b', 'one host'],
    ['redis://a/shop', 'number of a database'],
    ['redis://a/99999999', 'number of a database'],
    ['redis://a?db=1', 'may have the parameters'],
    ['redis://a#b', 'begins with'],
    ['redis+other://a/b', 'begins with'],
    ['redis+cluster://a/1', 'one database'],
    ['redis+cluster://a?db=1', 'may have the parameters'],
    ['redis+sentinel://a', 'name of the master'],
    ['redis+sentinel://a/two words', 'name of the master'],
    ['redis+sentinel://a,/shop', 'name a host'],
    ['redis+sentinel://a,b:0/shop', 'port 0'],
    ['redis+sentinel://a,b:c/shop', 'begins with'],
    ['redis+sentinel://a/shop?db=first', 'number'],
    ['redis+sentinel://a/shop?sentinelUser=me', 'sentinelPassword'],
    ['redis+sentinel://a/shop?sentinelUser=me&sentinelUser=you', 'each once'],
    ['rediss://a?sentinelPassword=x', 'may have the parameters'],
    ['rediss://a?ca=', 'without a value'],
    ['redis://a?ca=/etc/ca.pem', 'begin with rediss'],
    ['redis+sentinel://a/shop?checkName=no', 'begin with rediss'],
    ['rediss://a?cert=c', 'both'],
    ['rediss://a?key=k', 'both'],
    ['rediss://a?checkName=yes', 'only as no'],
    ['rediss://a?checkName=no&serverName=b', 'serverName and checkName'],
  ])('%s is rejected at start', (url, reason) => {
    expect(redisUrlProblem(url)).toContain(reason)
    expect(redisUrlSetting.safeParse(url).success).toBe(false)
    expect(() => parseRedisUrl(url)).toThrow(TypeError)
  })

  it('is named without what it contains', () => {
    expect(redisUrlProblem('redis+sentinel://user:secret@a:b/shop?sentinelPassword=hidden')).not.toMatch(
      /secret|hidden/,
    )
  })
})
