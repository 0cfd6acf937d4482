import { loadConfig } from '@floodgate/runtime'
import { expect, it } from 'vitest'
import { definition } from './config.ts'

const given = {
  DATABASE_URL: 'postgres://127.0.0.1:1/none',
  REDIS_URL: 'redis://127.0.0.1:1',
  ADMIN_TOKEN: 'operator-token-of-a-test',
  FLOODGATE_KEYS: 'keys.json',
}
const load = (env: Record<string, string>) => loadConfig(definition, { argv: [], env: { ...given, ...env } })

it("a token of the shop's server that equals the operator's is rejected at start", () => {
  expect(load({ SHOP_TOKEN: given.ADMIN_TOKEN })).toEqual({
    kind: 'invalid',
    problems: [expect.stringContaining('SHOP_TOKEN and ADMIN_TOKEN are the same')],
  })
  expect(load({ SHOP_TOKEN: 'another-token-of-a-test' }).kind).toBe('config')
})
