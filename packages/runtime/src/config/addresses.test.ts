import { describe, expect, it } from 'vitest'
import { busSettings, commonSettings, databaseUrlSetting, redisUrlSetting } from './common-settings.ts'
import { defineConfig } from './define-config.ts'
import { setting } from './setting.ts'

describe('an origin', () => {
  it.each([
    ['https://shop.example', 'https://shop.example'],
    ['https://shop.example/', 'https://shop.example'],
    ['HTTPS://Shop.Example:443', 'https://shop.example'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
    ['https://müller.example', 'https://xn--mller-kva.example'],
  ])('%s is accepted in the form that browsers send', (value, origin) => {
    expect(commonSettings.allowedOrigins.parse(` ${value} ,`)).toEqual([origin])
  })

  it.each([
    'shop.example',
    '*',
    'null',
    'https://shop.example/path',
    'https://shop.example?query',
    'https://user@shop.example',
    'ftp://shop.example',
    'https://*.shop.example/x',
    'https://good.example,https://bad.example/path',
  ])('%s can never match, and is rejected', (value) => {
    expect(commonSettings.allowedOrigins.safeParse(value).error?.issues).toMatchObject([
      { message: expect.stringContaining('origins') },
    ])
  })

  it('the default is an empty list', () => {
    expect(commonSettings.allowedOrigins.parse(undefined)).toEqual([])
  })
})

describe('a URL', () => {
  const url = setting.url({ description: 'a test' })
  it.each([
    ['HTTPS://SHOP.EXAMPLE', 'https://shop.example'],
    ['https://shop.example/', 'https://shop.example'],
    ['http://127.0.0.1:7100', 'http://127.0.0.1:7100'],
    ['https://shop.example/jwks.json', 'https://shop.example/jwks.json'],
  ])('%s is accepted as %s', (value, plain) => {
    expect(url.parse(value)).toBe(plain)
  })

  it.each(['ftp://x', 'shop.example', 'javascript:alert(1)', 'localhost:7100', '/path'])('%s is rejected', (value) => {
    expect(url.safeParse(value).success).toBe(false)
  })

  it('a server with another protocol has its own schemes, and its URL is unchanged', () => {
    const postgres = 'postgresql://User:Word@Host:5432/Base'
    expect(databaseUrlSetting.parse(postgres)).toBe(postgres)
    expect(databaseUrlSetting.safeParse('https://host').success).toBe(false)
    expect(redisUrlSetting.parse('rediss://host:6379')).toBe('rediss://host:6379')
    expect(redisUrlSetting.safeParse('host:6379').success).toBe(false)
  })
})

describe('the URL of a site', () => {
  const site = setting.siteUrl({ description: 'a test', default: 'http://127.0.0.1:7100' })
  it.each([
    ['HTTPS://SHOP.EXAMPLE', 'https://shop.example'],
    ['https://shop.example:443/', 'https://shop.example'],
    ['http://127.0.0.1:7100', 'http://127.0.0.1:7100'],
    [undefined, 'http://127.0.0.1:7100'],
  ])('%s is accepted as %s', (value, origin) => {
    expect(site.parse(value)).toBe(origin)
  })

  it.each([
    'https://shop.example/queue',
    'https://shop.example/queue/',
    'https://shop.example?a',
    'https://shop.example#a',
    'https://user:word@shop.example',
  ])('%s is rejected with the reason', (value) => {
    expect(site.safeParse(value).error?.issues).toMatchObject([{ message: expect.stringContaining('path prefix') }])
  })

  it.each(['ftp://shop.example', 'shop.example', '/queue', ''])('%s is rejected', (value) => {
    expect(site.safeParse(value).error?.issues).toMatchObject([{ message: expect.stringContaining('http://') }])
  })
})

describe('Kafka brokers', () => {
  it.each([['kafka:9092'], ['10.0.0.1:9092, [::1]:9093']])('%s are accepted', (value) => {
    expect(busSettings.kafkaBrokers.safeParse(value).success).toBe(true)
  })
  it.each([['kafka'], ['kafka:port'], ['http://kafka:9092'], ['a:1,b'], ['kafka:0'], ['kafka:65536']])(
    '%s are rejected',
    (value) => {
      expect(busSettings.kafkaBrokers.safeParse(value).success).toBe(false)
    },
  )
})

describe('the sender of mails', () => {
  const { schema } = defineConfig({
    app: 'example',
    summary: 'an example',
    settings: { mailFrom: setting.sender({ description: 'Sender', default: 'Shop <orders@shop.example>' }) },
  })
  it('is validated at start, like the address of a buyer, and its domain is sent in ASCII', () => {
    expect(schema.parse({})).toEqual({ mailFrom: '"Shop" <orders@shop.example>' })
    expect(schema.parse({ mailFrom: 'Söhne & Co <r&d@Söhne.example>' })).toEqual({
      mailFrom: '"Söhne & Co" <r&d@xn--shne-5qa.example>',
    })
  })
  it.each(['nobody', 'a@b@c.example', 'A <a@b.example>\r\nBcc: all@b.example', 'A <söhne@b.example>'])(
    '%j stops the start with the reason',
    (mailFrom) => {
      expect(schema.safeParse({ mailFrom }).error?.issues).toMatchObject([
        { path: ['mailFrom'], message: expect.stringContaining('Name <address>') },
      ])
    },
  )
})
