import { createIssuer, type Issuer } from '@floodgate/testkit/fixtures'

export type TestIssuer = Issuer

/** The time of these tests. */
export const NOW_SECONDS = 1_800_000_000

/** Signs admissions that expire a minute after {@link NOW_SECONDS}. */
export function createTestIssuer(kid = 'key-1'): Promise<TestIssuer> {
  return createIssuer({ kid, claims: () => ({ iat: NOW_SECONDS - 10, exp: NOW_SECONDS + 60 }) })
}
