import { createIssuer, type Issuer } from '@floodgate/testkit/fixtures'

export type TestIssuer = Issuer

/** When these tests are. */
export const nowSeconds = 1_800_000_000

/** Signs admissions that end a minute after {@link nowSeconds}. */
export function createTestIssuer(kid = 'key-1'): Promise<TestIssuer> {
  return createIssuer({ kid, claims: () => ({ iat: nowSeconds - 10, exp: nowSeconds + 60 }) })
}
