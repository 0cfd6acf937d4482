import { createRareWarnings } from '@floodgate/runtime'
import { createRevocations, type Identified, type Revocations } from './identity/revocations.ts'
import { createIdTokenVerifier, type VerifyIdToken } from './identity/verify-id-token.ts'
import { createEndRevoked, type EndRevoked, type EndRevokedDeps } from './line/end-revoked.ts'

export interface AccountsDeps extends Omit<EndRevokedDeps, 'revocations'> {
  /** Called when this process learned of revocations. */
  onRevoked(): void
}

/** The shop's accounts as buyers (ADR 0048): their ID tokens, and the end of those that are revoked. */
export interface Accounts {
  readonly revocations: Revocations
  readonly verifyIdToken: VerifyIdToken
  readonly endRevoked: Pick<EndRevoked, 'work'>
  /** Ends the places and turns of one revoked buyer. */
  endOf(buyer: Identified): void
  /** Ends those of all revoked buyers, in case Redis has forgotten that it was done. */
  endAgain(): void
}

export function createAccounts({ onRevoked, ...deps }: AccountsDeps): Accounts {
  const revocations = createRevocations(deps)
  const endRevoked = createEndRevoked({ ...deps, revocations })
  revocations.listen((revoked) => {
    onRevoked()
    endRevoked.add(revoked)
  })
  const warn = createRareWarnings(deps.log)
  return {
    revocations,
    endRevoked,
    verifyIdToken: createIdTokenVerifier({
      onKeysUnavailable: (error, jwksUrl) => warn(jwksUrl, { jwksUrl, error }, 'keys of ID tokens unavailable'),
    }),
    endOf: ({ buyer, idToken }) =>
      endRevoked.add(revocations.all().filter(({ name }) => name === buyer || name === idToken)),
    endAgain: () => endRevoked.add(revocations.all()),
  }
}
