import {
  createLocalJWKSet,
  createRemoteJWKSet,
  type ExportedJWKSCache,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
  jwksCache,
} from 'jose'

/** The issuer's public keys cannot be fetched, so the token cannot be judged. Not the bearer's fault: retry. */
export class AdmissionKeysUnavailable extends Error {
  static readonly code = 'admission-keys-unavailable'
  readonly code = AdmissionKeysUnavailable.code

  constructor(cause: unknown) {
    super('The keys that admissions are signed with cannot be fetched.', { cause })
    this.name = 'AdmissionKeysUnavailable'
  }
}

const REFRESH_EVERY_MS = 5 * 60 * 1_000
/** Minimum time between two fetches for unknown key ids: forged ones must not flood the issuer. */
const COOLDOWN_MS = 10_000
const FETCH_TIMEOUT_MS = 3_000

export interface KeySource {
  /** Finds the public key of a token. */
  readonly findKey: JWTVerifyGetKey
  /**
   * Returns the number of the current key set; it changes once another set was fetched. Call it for every token, even
   * for one whose key is no longer needed: this is what triggers the refresh.
   */
  edition(): number
}

/**
 * Finds the public keys of tokens. A remote set is fetched at the first token, again when a key id is unknown (at most
 * every 10 s, which finds a rotated key), and every 5 minutes in the background: while the issuer is down, the known
 * keys stay in use.
 */
export function createKeySource(
  source: { readonly jwksUrl: string | URL } | { readonly jwks: JSONWebKeySet },
  now: () => number,
): KeySource {
  if ('jwks' in source) return { findKey: createLocalJWKSet(source.jwks), edition: () => 0 }
  // jose writes here what it fetched. (`jwks()` would copy the whole set, for every token.)
  const fetched: Partial<ExportedJWKSCache> = {}
  const remote = createRemoteJWKSet(new URL(source.jwksUrl), {
    cacheMaxAge: Number.POSITIVE_INFINITY,
    cooldownDuration: COOLDOWN_MS,
    timeoutDuration: FETCH_TIMEOUT_MS,
    [jwksCache]: fetched as Record<string, never>,
  })
  let refreshedAtMs = now()
  const refreshWhenDue = () => {
    if (fetched.jwks === undefined || now() - refreshedAtMs < REFRESH_EVERY_MS) return
    refreshedAtMs = now()
    // A failure changes nothing: the known keys stay, and a later token tries again.
    remote.reload().catch(() => undefined)
  }

  let seen: JSONWebKeySet | undefined
  let seenText = ''
  let editions = 0
  const edition = () => {
    refreshWhenDue()
    if (fetched.jwks === seen) return editions
    seen = fetched.jwks
    const text = JSON.stringify(seen)
    if (text !== seenText) editions += 1
    seenText = text
    return editions
  }

  const findKey: JWTVerifyGetKey = async (header, token) => {
    const isFirst = fetched.jwks === undefined
    try {
      return await remote(header, token)
    } catch (error) {
      if (saysSomethingAboutTheToken(error)) throw error
      throw new AdmissionKeysUnavailable(error)
    } finally {
      if (isFirst) refreshedAtMs = now()
    }
  }
  return { findKey, edition }
}

const saysSomethingAboutTheToken = (error: unknown) =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported
