import { createBoundedMap } from '@floodgate/async'
import { type SaleIdentity, SUBJECT_CHARACTERS_MAX, text } from '@floodgate/contracts'
import { buyerOfAccount, nameOfToken } from '@floodgate/contracts/account'
import { AppError } from '@floodgate/runtime'
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { createIssuerKeys, IssuerKeysUnavailable } from './issuer-keys.ts'

/** A buyer of the shop, as a valid ID token names it. */
export interface VerifiedAccount {
  readonly buyer: string
  /** Short name of the ID token by its `jti`; empty for one without. */
  readonly idToken: string
}

/** Asymmetric ones only: with a shared secret a verifier could sign. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']
const TOKEN_CHARACTERS_MAX = 8_192
/** Tolerated difference between the clocks of the issuer and this process. */
const CLOCK_SECONDS = 5
/** Issuers whose keys are cached. */
const ISSUERS_MAX = 1_000
const KEYS_RETRY_SECONDS = 2
/** Only names that a revocation can store are accepted. */
const accountName = text(SUBJECT_CHARACTERS_MAX)

const invalid = (detail: string) => new AppError('identity-invalid', { detail })

/** Explains an error of `jose` to the shop's developer. */
function problemOf(error: unknown): AppError {
  if (error instanceof errors.JWTExpired) return invalid('The ID token has expired.')
  if (error instanceof errors.JWTClaimValidationFailed)
    return invalid(`The claim ${error.claim} of the ID token is missing or not as the sale requires.`)
  if (error instanceof errors.JOSEAlgNotAllowed)
    return invalid(`An ID token has to be signed with one of ${ALGORITHMS.join(', ')}.`)
  if (error instanceof errors.JWKSNoMatchingKey) return invalid('The issuer has no key that fits the ID token.')
  if (error instanceof errors.JWKSMultipleMatchingKeys)
    return invalid('The issuer has several keys that fit, and the ID token names none: its header needs a kid.')
  if (error instanceof errors.JOSENotSupported)
    return invalid('The ID token needs an algorithm, a curve or a header parameter that is not supported.')
  return invalid('The ID token is malformed, or its signature is wrong.')
}

function accountOf(issuer: string, { sub, jti, iat = 0 }: JWTPayload, nowSeconds: number): VerifiedAccount {
  const isName = (value: unknown) => accountName.safeParse(value).success
  const words = `must have 1 to ${SUBJECT_CHARACTERS_MAX} characters, without NUL`
  if (!isName(sub)) throw invalid(`The claim sub of the ID token ${words}.`)
  if (jti !== undefined && !isName(jti)) throw invalid(`The claim jti of the ID token ${words}.`)
  if (iat > nowSeconds + CLOCK_SECONDS) throw invalid('The ID token is issued in the future.')
  return {
    buyer: buyerOfAccount({ issuer, subject: sub ?? '' }),
    idToken: jti === undefined ? '' : nameOfToken({ issuer, jti }),
  }
}

/**
 * Verifies an ID token for a sale (OpenID Connect Core 1.0 §3.1.3.7). Throws `identity-invalid`, or `unavailable` while
 * the issuer's keys cannot be read.
 */
export type VerifyIdToken = (identity: SaleIdentity, token: string) => Promise<VerifiedAccount>

export function createIdTokenVerifier({
  onKeysUnavailable,
  now = Date.now,
  keysAt = createIssuerKeys,
}: {
  onKeysUnavailable(error: IssuerKeysUnavailable, jwksUrl: string): void
  now?(): number
  /** Default: fetched from there. */
  keysAt?(jwksUrl: string): JWTVerifyGetKey
}): VerifyIdToken {
  const issuers = createBoundedMap<JWTVerifyGetKey>(ISSUERS_MAX)
  function keysOf(jwksUrl: string): JWTVerifyGetKey {
    const known = issuers.get(jwksUrl)
    if (known !== undefined) return known
    const keys = keysAt(jwksUrl)
    issuers.set(jwksUrl, keys)
    return keys
  }

  return async function verifyIdToken({ issuer, audience, jwksUrl }, token) {
    if (token.length > TOKEN_CHARACTERS_MAX)
      throw invalid(`An ID token has at most ${TOKEN_CHARACTERS_MAX} characters.`)
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keysOf(jwksUrl), {
        algorithms: ALGORITHMS,
        issuer,
        audience,
        requiredClaims: ['sub', 'exp', 'iat'],
        clockTolerance: CLOCK_SECONDS,
        currentDate: new Date(now()),
      })
      // RFC 8725 §3.11: a token for another purpose, such as an access token, names its type.
      if (protectedHeader.typ !== undefined && protectedHeader.typ.toUpperCase() !== 'JWT')
        throw invalid('The token is of another type than an ID token.')
      return accountOf(issuer, payload, now() / 1_000)
    } catch (error) {
      if (error instanceof AppError) throw error
      if (!(error instanceof IssuerKeysUnavailable)) throw problemOf(error)
      onKeysUnavailable(error, jwksUrl)
      throw new AppError('unavailable', {
        detail: 'The keys of the issuer of ID tokens cannot be read at the moment. Try again in a moment.',
        retryAfterSeconds: KEYS_RETRY_SECONDS,
        cause: error,
      })
    }
  }
}
