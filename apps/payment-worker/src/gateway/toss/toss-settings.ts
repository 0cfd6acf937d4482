const SECRET_KEY = /^(?:test|live)_g?sk_[A-Za-z0-9]+$/

interface TossSettings {
  readonly paymentProvider: string
  readonly tossSecretKey?: string | undefined
  readonly tossUrl: string
}

/** Returns what can never work about the settings of Toss Payments, where they are used. Pure. */
export function tossContradictions({ paymentProvider, tossSecretKey, tossUrl }: TossSettings): readonly string[] {
  if (paymentProvider !== 'toss') return []
  if (tossSecretKey === undefined) return ['PAYMENT_PROVIDER=toss needs TOSS_SECRET_KEY.']
  if (!SECRET_KEY.test(tossSecretKey))
    return ['TOSS_SECRET_KEY must be a secret key of Toss Payments, such as test_sk_… or live_sk_…: not a client key.']
  if (tossSecretKey.startsWith('live_') && !tossUrl.startsWith('https://'))
    return ['TOSS_URL must begin with https:// for a live TOSS_SECRET_KEY, which each request carries.']
  return []
}
