import { describe, expect, it } from 'vitest'
import { tossContradictions } from './toss-settings.ts'

const tossUrl = 'https://api.tosspayments.com'
const contradictions = (tossSecretKey: string | undefined, url = tossUrl) =>
  tossContradictions({ paymentProvider: 'toss', tossSecretKey, tossUrl: url })

describe('the settings of Toss Payments', () => {
  it('are accepted with a secret key, for tests also over http', () => {
    for (const key of ['test_sk_0123456789', 'live_sk_0123456789', 'test_gsk_0123456789'])
      expect(contradictions(key)).toEqual([])
    expect(contradictions('test_sk_0123456789', 'http://127.0.0.1:7500')).toEqual([])
  })

  it('are rejected without a secret key, with a client key, and where a live key would travel in clear', () => {
    expect(contradictions(undefined)).toEqual(['PAYMENT_PROVIDER=toss needs TOSS_SECRET_KEY.'])
    for (const key of ['test_ck_0123456789', 'sk_live_0123456789', 'test_sk_', 'live_sk_01234:56789'])
      expect(contradictions(key)).toEqual([expect.stringContaining('must be a secret key')])
    expect(contradictions('live_sk_0123456789', 'http://toss.example')).toEqual([
      expect.stringContaining('must begin with https://'),
    ])
  })

  it('do not matter to another provider', () => {
    expect(tossContradictions({ paymentProvider: 'simulator', tossSecretKey: 'wrong', tossUrl })).toEqual([])
  })
})
