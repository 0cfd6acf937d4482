import type { FailureCode } from './failures.ts'

/** The face takes test keys only: a live key has no business here. */
const TEST_KEY = /^test_[a-z]*sk_[A-Za-z0-9]{4,}$/
const BASIC = /^Basic ([A-Za-z0-9+/=]+)$/

/** Checks Basic credentials: the secret key as the user, without a password. Returns the failure, if there is one. */
export function credentialFailure(header: string | undefined): FailureCode | undefined {
  const encoded = BASIC.exec(header ?? '')?.[1]
  if (encoded === undefined) return 'UNAUTHORIZED_KEY'
  const decoded = Buffer.from(encoded, 'base64').toString('utf8')
  if (!decoded.endsWith(':')) return 'INCORRECT_BASIC_AUTH_FORMAT'
  return TEST_KEY.test(decoded.slice(0, -1)) ? undefined : 'UNAUTHORIZED_KEY'
}
