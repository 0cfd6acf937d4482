import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { isWorkers, singleFlight } from './single-flight.ts'

/** The issuer's public keys cannot be fetched, so the token cannot be judged. Says nothing about the token: retry. */
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
  /** Finds the public key of a token. Throws `AdmissionKeysUnavailable`. */
  readonly findKey: JWTVerifyGetKey
  /**
   * Returns the number of the current key set; it changes once another set was fetched, and is -1 while none may be
   * used. Call it for every token, even for one whose key is no longer needed: this is what triggers the refresh.
   */
  edition(): number
  /** Waits for the refresh that `edition` started, where work that no request awaits may be dropped. */
  settled(): Promise<unknown> | undefined
  /** Lists the ids of the known keys and their age; undefined for static keys. */
  seen(): { readonly kids: readonly (string | undefined)[]; readonly ageSeconds: number | undefined }
}

export interface KeyFetching {
  /** How long known keys are used while no fetch succeeds. Default: forever. */
  readonly staleSeconds?: number
  /**
   * How long the failure of the first fetch counts for later tokens, none of which then waits for the next one. Default:
   * each token waits for a fetch of its own.
   */
  readonly failureMs?: number
  fetch?(url: string, init: RequestInit): Promise<Response>
}

type Source = { readonly jwksUrl: string | URL } | { readonly jwks: JSONWebKeySet }

/**
 * Finds the public keys of tokens. A remote set is fetched at the first token, again when a key id is unknown (at most
 * every 10 s, which finds a rotated key), and every 5 minutes in the background: while the issuer is down, the known
 * keys stay in use, up to `staleSeconds`. `now` must not go back.
 */
export function createKeySource(source: Source, now: () => number, fetching: KeyFetching = {}): KeySource {
  if ('jwks' in source) {
    const kids = source.jwks.keys.map(({ kid }) => kid)
    return {
      findKey: createLocalJWKSet(source.jwks),
      edition: () => 0,
      settled: () => undefined,
      seen: () => ({ kids, ageSeconds: undefined }),
    }
  }
  return createRemoteKeySource(String(source.jwksUrl), now, fetching)
}

interface KnownKeys {
  readonly find: JWTVerifyGetKey
  readonly text: string
  readonly kids: readonly (string | undefined)[]
  readonly fetchedAtMs: number
}

const createRemoteKeySource = (url: string, now: () => number, fetching: KeyFetching): KeySource => {
  const { staleSeconds = Number.POSITIVE_INFINITY, failureMs, fetch = globalThis.fetch } = fetching
  let known: KnownKeys | undefined
  let triedAtMs = Number.NEGATIVE_INFINITY
  let failure: unknown
  let failedAtMs = Number.NEGATIVE_INFINITY
  let editions = 0
  let started: Promise<unknown> | undefined

  const refresh = singleFlight(async function fetchKeys() {
    triedAtMs = now()
    try {
      const jwks = await fetchKeySet(fetch, url)
      const [find, text] = [createLocalJWKSet(jwks), JSON.stringify(jwks)]
      if (text !== known?.text) editions += 1
      known = { find, text, kids: jwks.keys.map(({ kid }) => kid), fetchedAtMs: now() }
      failure = undefined
    } catch (error) {
      failure = error
      failedAtMs = now()
      throw error
    }
  })
  const usable = () => (known !== undefined && now() - known.fetchedAtMs < staleSeconds * 1_000 ? known : undefined)

  const findKey: JWTVerifyGetKey = async function findRemoteKey(header, token) {
    if (usable() === undefined && (failureMs === undefined || now() - failedAtMs >= failureMs)) {
      const refreshed = refresh()
      if (failureMs === undefined || failure === undefined || isWorkers()) await refreshed
    }
    const keys = usable()
    if (keys === undefined) throw new AdmissionKeysUnavailable(failure)
    try {
      return await keys.find(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || now() - triedAtMs < COOLDOWN_MS) throw error
      await refresh()
      return await (usable() ?? keys).find(header, token)
    }
  }
  return {
    findKey,
    edition: () => {
      const pauseMs = failure === undefined ? REFRESH_EVERY_MS : COOLDOWN_MS
      // A failure changes nothing: the known keys stay, and a later token tries again.
      if (known !== undefined && now() - triedAtMs >= pauseMs) started = refresh()
      return usable() === undefined ? -1 : editions
    },
    settled: () => {
      const own = isWorkers() ? started : undefined
      started = undefined
      return own
    },
    seen: () => ({
      kids: known?.kids ?? [],
      ageSeconds: known === undefined ? undefined : Math.round((now() - known.fetchedAtMs) / 1_000),
    }),
  }
}

const fetchKeySet = async (fetch: NonNullable<KeyFetching['fetch']>, url: string): Promise<JSONWebKeySet> => {
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'manual',
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`${url} returned ${response.status}`)
  }
  return (await response.json()) as JSONWebKeySet
}
