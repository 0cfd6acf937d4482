import { createLocalJWKSet, createRemoteJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'

/** The issuer's public keys can't be fetched, so nothing is known about the token. Not the bearer's fault: try again. */
export class AdmissionKeysUnavailable extends Error {
  static readonly code = 'admission-keys-unavailable'
  readonly code = AdmissionKeysUnavailable.code

  constructor(cause: unknown) {
    super('The keys that admissions are signed with can not be fetched.', { cause })
    this.name = 'AdmissionKeysUnavailable'
  }
}

const refreshEveryMs = 5 * 60 * 1_000
/** Least time between two fetches that unknown key ids cause: forged ones must not become a flood at the issuer. */
const cooldownMs = 10_000
const fetchTimeoutMs = 3_000

/**
 * Finds the public key of a token. A remote set is fetched at the first token, again when a key id is unknown (at most
 * every 10 s: that is how a rotated key gets here), and every 5 minutes beside the traffic, never in its way: while the
 * issuer is down, the keys that are known go on being used.
 */
export const createKeySource = (
  source: { readonly jwksUrl: string | URL } | { readonly jwks: JSONWebKeySet },
  now: () => number,
): JWTVerifyGetKey => {
  if ('jwks' in source) return createLocalJWKSet(source.jwks)
  const remote = createRemoteJWKSet(new URL(source.jwksUrl), {
    cacheMaxAge: Number.POSITIVE_INFINITY,
    cooldownDuration: cooldownMs,
    timeoutDuration: fetchTimeoutMs,
  })
  let refreshedAtMs = Number.NEGATIVE_INFINITY
  // With an infinite age: whether there are any. (`jwks()` would copy the whole set, for every token.)
  const areThere = () => remote.fresh
  return async function findKey(header, token) {
    if (areThere() && now() - refreshedAtMs >= refreshEveryMs) {
      refreshedAtMs = now()
      // A failure changes nothing: the known keys stay, the next attempt comes with a later token.
      remote.reload().catch(() => undefined)
    }
    try {
      return await remote(header, token)
    } catch (error) {
      if (saysSomethingAboutTheToken(error)) throw error
      throw new AdmissionKeysUnavailable(error)
    } finally {
      if (refreshedAtMs === Number.NEGATIVE_INFINITY && areThere()) refreshedAtMs = now()
    }
  }
}

const saysSomethingAboutTheToken = (error: unknown) =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported
