import { expect, it } from 'vitest'
import { ENDPOINT_FORM, endpointsOf, secretsOf, webhookContradictions } from './endpoints.ts'

const SECRET = `whsec_${Buffer.alloc(24, 1).toString('base64')}`
const OTHER = `whsec_${Buffer.alloc(64, 2).toString('base64')}`
const settings = { webhooks: ['shop=https://shop.example/hooks'], webhookSecrets: SECRET, webhookPlainHttp: false }

it('an endpoint has a name and a URL, which may contain an equals sign', () => {
  const webhooks = ['shop=https://shop.example/hooks?from=floodgate', 'erp-2=http://127.0.0.1:8080']
  expect(endpointsOf({ webhooks })).toEqual([
    { name: 'shop', url: 'https://shop.example/hooks?from=floodgate' },
    { name: 'erp-2', url: 'http://127.0.0.1:8080' },
  ])
})

it.each([
  'https://shop.example',
  '=https://shop.example',
  'Shop=https://shop.example',
  `${'a'.repeat(33)}=https://shop.example`,
  'shop=ftp://shop.example',
  'shop=https://',
  'shop=https://user:password@shop.example',
  'shop=https://shop.example/#part',
  'shop',
])('%s is no endpoint', (part) => {
  expect(ENDPOINT_FORM.isValid(part)).toBe(false)
})

it('several secrets are read in their order', () => {
  expect(secretsOf({ webhookSecrets: `${SECRET}, ${OTHER}` })).toEqual([SECRET, OTHER])
  expect(secretsOf({})).toEqual([])
})

it.each([
  settings,
  { ...settings, webhookSecrets: `${SECRET},${OTHER}` },
  { webhooks: [], webhookPlainHttp: false },
  { ...settings, webhooks: ['a=http://127.0.0.1:1', 'b=http://localhost:1', 'c=http://[::1]:1'] },
  { ...settings, webhooks: ['shop=http://shop.internal/hooks'], webhookPlainHttp: true },
])('settings that can work are accepted: %j', (each) => {
  expect(webhookContradictions(each)).toEqual([])
})

it.each([
  ['plain http to another machine', { webhooks: ['shop=http://shop.example'] }, 'plain text to shop'],
  ['plain http to a name that only looks local', { webhooks: ['shop=http://127.0.0.1.shop.example'] }, 'plain text'],
  ['no secret', { webhookSecrets: undefined }, 'needs WEBHOOK_SECRETS'],
  ['two endpoints of one name', { webhooks: ['a=https://a.example', 'a=https://b.example'] }, 'two endpoints'],
  ['too many endpoints', { webhooks: Array.from({ length: 11 }, (_, n) => `a${n}=https://a.example`) }, 'more than 10'],
  ['a secret twice', { webhookSecrets: `${SECRET},${SECRET}` }, 'a secret twice'],
  [
    'too many secrets',
    { webhookSecrets: Array.from({ length: 9 }, (_, n) => `whsec_${Buffer.alloc(24, n).toString('base64')}`).join() },
    'more than 8',
  ],
  ['a secret without its prefix', { webhookSecrets: SECRET.slice('whsec_'.length) }, 'must be whsec_'],
  ['a short secret', { webhookSecrets: `whsec_${Buffer.alloc(23).toString('base64')}` }, 'must be whsec_'],
  ['a long secret', { webhookSecrets: `whsec_${Buffer.alloc(65).toString('base64')}` }, 'must be whsec_'],
  ['a secret that is no base64', { webhookSecrets: `whsec_${'?'.repeat(32)}` }, 'must be whsec_'],
] as const)('%s is rejected at the start, without the secret in the words', (_, change, words) => {
  const problems = webhookContradictions({ ...settings, ...change } as Parameters<typeof webhookContradictions>[0])
  expect(problems).toEqual([expect.stringContaining(words)])
  expect(problems.join()).not.toContain(SECRET.slice('whsec_'.length))
})
