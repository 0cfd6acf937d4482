import { describe, expect, it, test } from 'vitest'
import { databaseUrlSetting, redisUrlSetting } from './common-settings.ts'
import { setting } from './setting.ts'

const gatewayUrl = setting.serverUrl({
  description: 'a test',
  schemes: ['http', 'https'],
  path: { pattern: /^\/$/, words: 'no path' },
})
const smtpUrl = setting.serverUrl({ description: 'a test', schemes: ['smtp', 'smtps'] })
const jwksUrl = setting.url({ description: 'a test' })

const kinds = {
  'postgresql://': databaseUrlSetting,
  'redis://': redisUrlSetting,
  'smtp://': smtpUrl,
  'http://': gatewayUrl,
}
const each = Object.entries(kinds)

const problemsOf = (parsed: ReturnType<typeof redisUrlSetting.safeParse>) =>
  parsed.error?.issues.map(({ message }) => message)

describe.each(each)('a server at %s', (scheme, server) => {
  it.each([
    ['us%er@host', '%25'],
    ['us%er:p%25@host:1', '%25'],
    ['user:p%@host', '%25'],
    ['user:p%zz@host', '%25'],
    ['user:p%E4@host', '%25'],
    ['user:word@host:0', 'port 0'],
    ['user:word@host:70000', 'begins with'],
    ['user:word@host:port', 'begins with'],
    ['user:pass/word@host', 'begins with'],
    ['user:word@', 'begins with'],
    [':1', 'begins with'],
    ['user:word@ho st', 'begins with'],
    ['user:wo rd@host', 'white space'],
    ['user:wo\nrd@host', 'white space'],
  ])('that is never reached, %j, is rejected with the reason and without the value', (rest, reason) => {
    const problems = problemsOf(server.safeParse(`${scheme}${rest}`))
    expect(problems).toEqual([expect.stringContaining(reason)])
    expect(problems?.join()).not.toMatch(/user|word|us%er|host:/)
  })

  it('keeps a user and a password as they are, with % as %25, and loses white space around the URL', () => {
    const url = `${scheme}us%25er:p%40:%C3%A4@host:1`
    expect(server.parse(` ${url}\n`)).toBe(url)
  })

  it.each(each.filter(([other]) => other !== scheme))('is not one of %s', (other) => {
    expect(problemsOf(server.safeParse(`${other}host`))).toEqual([expect.stringContaining(`begins with ${scheme}`)])
  })

  it.each(['', ' ', 'host', 'host:1', '//host', `${scheme.slice(0, -2)}host`])('%j is no URL of one', (value) => {
    expect(problemsOf(server.safeParse(value))).toEqual([expect.stringContaining('begins with')])
  })
})

test.each([
  [redisUrlSetting, 'redis://'],
  [redisUrlSetting, 'redis:///1'],
  [redisUrlSetting, 'redis://%2Frun%2Fredis'],
  [smtpUrl, 'smtp://'],
  [smtpUrl, 'smtp://ho%20st'],
])('only a database may be reached without a host (%#)', (server, url) => {
  expect(problemsOf(server.safeParse(url))).toEqual(['must name a host'])
})

test.each([
  'postgresql:///floodgate',
  'postgresql://%2Frun%2Fpostgresql/floodgate',
  'postgresql://user@host/floodgate?host=/run/postgresql',
])('%s is a database', (url) => {
  expect(databaseUrlSetting.parse(url)).toBe(url)
})

test('the name of a database is one, and Redis has numbers for its own', () => {
  expect(problemsOf(databaseUrlSetting.safeParse('postgresql://host/100%'))).toEqual([expect.stringContaining('%25')])
  expect(redisUrlSetting.parse('rediss://host/1')).toBe('rediss://host/1')
  expect(redisUrlSetting.parse('redis://host/')).toBe('redis://host/')
  expect(problemsOf(redisUrlSetting.safeParse('redis://host/sales'))).toEqual([expect.stringContaining('number')])
})

test('the payment provider has no path, which the calls would replace', () => {
  expect(problemsOf(gatewayUrl.safeParse('https://host/v1'))).toEqual(['must have no path'])
})

test.each(['https://user:word@host/jwks.json', 'https://user@host', 'https://:word@host'])(
  '%s cannot be fetched, and is rejected',
  async (url) => {
    await expect(fetch(url)).rejects.toThrow('includes credentials')
    expect(problemsOf(jwksUrl.safeParse(url))).toEqual(['must not contain a user or password'])
  },
)
