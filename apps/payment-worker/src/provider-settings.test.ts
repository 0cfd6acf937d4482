import { loadConfig } from '@floodgate/runtime'
import { expect, test } from 'vitest'
import { definition } from './config.ts'

const KEY = 'sk_test_0123456789abcdef'
const LIVE = 'sk_live_0123456789abcdef'
const REQUIRED = {
  PAYMENT_KEY: Buffer.alloc(32, 1).toString('base64url'),
  ADMIN_TOKEN: 'an-admin-token-of-tests',
  REDIS_URL: 'redis://127.0.0.1:1',
  DATABASE_URL: 'postgresql://floodgate@127.0.0.1:1/floodgate',
}
function load(env: Readonly<Record<string, string>>) {
  return loadConfig(definition, { argv: [], env: { ...REQUIRED, PAYMENT_PROVIDER: 'stripe', ...env } })
}

test.each<[string, Readonly<Record<string, string>>]>([
  ['STRIPE_SECRET_KEY is not set', {}],
  ['STRIPE_SECRET_KEY is no secret key', { STRIPE_SECRET_KEY: 'pk_test_0123456789abcdef' }],
  ['secrets that begin with whsec_', { STRIPE_SECRET_KEY: KEY, STRIPE_WEBHOOK_SECRETS: 'sk_test_0123456789abcdef' }],
  ['nobody could pay', { STRIPE_SECRET_KEY: KEY, STRIPE_PAYMENT_METHOD_TYPES: ',' }],
  ['without encryption', { STRIPE_SECRET_KEY: LIVE, STRIPE_URL: 'http://127.0.0.1:1' }],
  ['PAYMENT_RETURN_URL must begin with https://', { STRIPE_SECRET_KEY: LIVE }],
  [
    'may have only {sale}, {order} in braces',
    { STRIPE_SECRET_KEY: KEY, PAYMENT_RETURN_URL: 'https://a.example/{buyer}' },
  ],
])('a provider that can never work is refused at the start: %s', (problem, env) => {
  const loaded = load(env)
  expect(loaded.kind).not.toBe('config')
  expect(JSON.stringify(loaded)).toContain(problem)
  expect(JSON.stringify(loaded)).not.toMatch(/0123456789abcdef/)
})

test('Stripe needs a key alone, and the settings of another provider are not looked at', () => {
  expect(load({ STRIPE_SECRET_KEY: KEY })).toMatchObject({
    kind: 'config',
    config: { stripePaymentMethodTypes: ['card'] },
  })
  expect(load({ PAYMENT_PROVIDER: 'simulator' }).kind).toBe('config')
  const live = { STRIPE_SECRET_KEY: LIVE, PAYMENT_RETURN_URL: 'https://shop.example/sales/{sale}?payment={order}' }
  expect(load(live).kind).toBe('config')
})
