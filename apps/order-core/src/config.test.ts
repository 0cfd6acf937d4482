import { loadConfig } from '@floodgate/runtime'
import { expect, it } from 'vitest'
import { definition } from './config.ts'

const key = Buffer.alloc(32, 7).toString('base64url')
const given = {
  ...{ DATABASE_URL: 'postgres://127.0.0.1:1/none', REDIS_URL: 'redis://127.0.0.1:1' },
  ...{ ADMIN_TOKEN: 'operator-token-of-a-test', EMAIL_KEY: key, PAYMENT_KEY: key },
}
const load = (env: Record<string, string>) => loadConfig(definition, { argv: [], env: { ...given, ...env } })

it('a calm time shorter than the silence that it must rule out is rejected at start', () => {
  expect(load({ PAYMENT_CALM_SECONDS: '5', PAYMENT_SILENCE_SECONDS: '6' })).toEqual({
    kind: 'invalid',
    problems: [expect.stringContaining('PAYMENT_CALM_SECONDS is shorter than PAYMENT_SILENCE_SECONDS')],
  })
  expect(load({ PAYMENT_CALM_SECONDS: '6', PAYMENT_SILENCE_SECONDS: '6' }).kind).toBe('config')
})
