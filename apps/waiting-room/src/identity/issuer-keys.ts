import { createRemoteJWKSet, customFetch, type ExportedJWKSCache, errors, type JWTVerifyGetKey, jwksCache } from 'jose'

/** The issuer's keys cannot be read, so an ID token cannot be judged. */
export class IssuerKeysUnavailable extends Error {
  constructor(cause: unknown) {
    super('The keys of the issuer of ID tokens cannot be read.', { cause })
    this.name = 'IssuerKeysUnavailable'
  }
}

const REFRESH_EVERY_MS = 5 * 60_000
/** Keys that were not used for this long are used only after an attempt to refresh them: one may have been withdrawn. */
export const UNUSED_MS = 2 * REFRESH_EVERY_MS
/** How long keys stay in use while the issuer cannot be reached. */
export const STALE_KEYS_MS_MAX = 24 * 3_600_000
/** Minimum time between two fetches for unknown key ids: forged ones must not flood the issuer. */
export const COOLDOWN_MS = 5_000
/** Well below `ANSWER_MS_MAX`, so that the client gets the reason. */
const FETCH_MS_MAX = 2_000
/** After a failed fetch the next ones fail at once for this long. */
const FAILED_MS = 1_000
const JWKS_BYTES_MAX = 256 * 1_024

/** Reads a response up to a bound; throws for a longer one. */
async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let bytes = 0
  let read = ''
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > JWKS_BYTES_MAX) throw new Error(`A JWKS has at most ${JWKS_BYTES_MAX} bytes.`)
    read += decoder.decode(chunk, { stream: true })
  }
  return read + decoder.decode()
}

/** Fetches a JWKS; after a failure it fails without a request for a moment. */
function createPoliteFetch(now: () => number) {
  let failed: { readonly atMs: number; readonly error: unknown } | undefined
  return async function fetchKeys(url: string, init: RequestInit): Promise<Response> {
    if (failed !== undefined && now() - failed.atMs < FAILED_MS) throw failed.error
    try {
      const response = await fetch(url, init)
      if (response.status !== 200) {
        await response.body?.cancel()
        throw new Error(`The JWKS has the status ${response.status}.`)
      }
      const { keys } = JSON.parse(await readBounded(response)) as { keys?: unknown }
      if (!Array.isArray(keys)) throw new Error('The JWKS has no keys.')
      failed = undefined
      return Response.json({ keys })
    } catch (error) {
      failed = { atMs: now(), error }
      throw error
    }
  }
}

/** Errors of `jose` that concern the token and not its keys. */
function concernsToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  )
}

/**
 * Finds the keys of an issuer (RFC 7517). They are fetched at the first ID token, again for an unknown key id (at most
 * every 5 s, which finds a rotated key), and every 5 minutes in the background. After 10 minutes without a token they are
 * fetched before the next one is judged. While the issuer cannot be reached, the known keys stay in use, for a day at
 * most; then, and before the first fetch, it throws `IssuerKeysUnavailable`. `now` is monotonic: a wall clock that is set
 * back would suspend retries and refreshes for as long as it was ahead.
 */
export function createIssuerKeys(jwksUrl: string, now: () => number = () => performance.now()): JWTVerifyGetKey {
  // jose writes here what it fetched.
  const fetched: Partial<ExportedJWKSCache> = {}
  const remote = createRemoteJWKSet(new URL(jwksUrl), {
    cacheMaxAge: Number.POSITIVE_INFINITY,
    cooldownDuration: COOLDOWN_MS,
    timeoutDuration: FETCH_MS_MAX,
    [customFetch]: createPoliteFetch(now),
    [jwksCache]: fetched as Record<string, never>,
  })
  let known: ExportedJWKSCache['jwks'] | undefined
  let fetchedAtMs = 0
  let triedAtMs = 0
  let refreshing: Promise<void> | undefined

  function noteFetched(): void {
    if (fetched.jwks === known) return
    known = fetched.jwks
    fetchedAtMs = now()
  }
  async function fetchAgain(): Promise<void> {
    triedAtMs = now()
    await remote.reload()
    noteFetched()
  }
  function refresh(): Promise<void> {
    refreshing ??= fetchAgain().finally(() => {
      refreshing = undefined
    })
    return refreshing
  }
  /** Refreshes the keys when they are due. A failure leaves the known ones for a while: a later token retries. */
  async function refreshKnown(): Promise<void> {
    const ageMs = now() - fetchedAtMs
    if (ageMs > STALE_KEYS_MS_MAX) return await refresh()
    if (now() - Math.max(fetchedAtMs, triedAtMs) > REFRESH_EVERY_MS) refresh().catch(() => undefined)
    if (ageMs > UNUSED_MS) await refreshing?.catch(() => undefined)
  }

  return async function findKey(header, token) {
    try {
      if (known !== undefined) await refreshKnown()
      return await remote(header, token)
    } catch (error) {
      throw concernsToken(error) ? error : new IssuerKeysUnavailable(error)
    } finally {
      noteFetched()
    }
  }
}
