import type { MaybePromise } from '@floodgate/http'
import { andThen } from '@floodgate/http'
import { AppError, type Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { Credentials, Identify, TicketHolder } from '../tokens/identify.ts'
import { type RevocationChange, readRevocationChanges } from './revocation-store.ts'

/** A buyer, and the ID token that it came with; undefined for an anonymous buyer. */
export type Identified = Pick<TicketHolder, 'buyer' | 'idToken'>

/** What this process knows of revoked accounts and ID tokens. */
export interface Revocations {
  /** Tells whether a buyer is revoked, as of the last read. Anonymous buyers never are. */
  isRevoked(holder: Identified): boolean
  /** Tells whether an account or an ID token is revoked, as of the last read. */
  isInForce(name: string): boolean
  /** Throws `identity-revoked` for a revoked buyer, as of the last read. */
  reject(holder: Identified): void
  /**
   * Throws `identity-revoked` for the bearer of a revoked ID token, as of the last read; not for a revoked account, which
   * may still give its turn back and read its orders.
   */
  rejectToken(holder: Identified): void
  /**
   * Throws `identity-revoked` for a revoked buyer, by a read that is at most 1.5 s old; `unavailable` while none can be
   * made. At once for an anonymous buyer, and while the last read is fresh.
   */
  rejectNow(holder: Identified): MaybePromise<void>
  /** Reads what has changed. Callers share a read in progress. */
  refresh(): Promise<void>
  /** Returns all that is in force. */
  all(): readonly Pick<RevocationChange, 'kind' | 'name'>[]
  count(): number
  /** Returns the age of the last read; infinite before the first. */
  ageMs(): number
  /** Sets the callback for revocations that are new to this process. */
  listen(onRevoked: (revoked: readonly RevocationChange[]) => void): void
}

/** With the interval of reads below two seconds in all, however long the process was stopped. */
const FRESH_MS = 1_500
const RETRY_SECONDS = 2

interface InForce {
  readonly kind: RevocationChange['kind']
  /** By this process' monotonic clock, so that no difference between clocks matters. */
  readonly endsAtMs: number
}

/**
 * Creates the list. It fails closed where a stale list could let a revoked buyer take a new place or a pass, and only
 * there: a waiting buyer polls from what was read last.
 */
export function createRevocations({
  pool,
  log,
  now = () => performance.now(),
}: {
  readonly pool: Pool
  readonly log: Logger
  now?(): number
}): Revocations {
  let inForce = new Map<string, InForce>()
  let newest = 0
  let readAtMs = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined
  let onRevoked: (revoked: readonly RevocationChange[]) => void = () => undefined

  function apply(changes: readonly RevocationChange[], into: Map<string, InForce>, atMs: number): void {
    for (const { kind, name, leftMs } of changes)
      if (leftMs > 0) into.set(name, { kind, endsAtMs: atMs + leftMs })
      else into.delete(name)
  }

  function dropEnded(): void {
    for (const [name, { endsAtMs }] of inForce) if (endsAtMs <= now()) inForce.delete(name)
  }

  async function read(): Promise<void> {
    const beganAtMs = now()
    let found = await readRevocationChanges(pool, newest)
    const isReplaced = found.newest < newest
    // The newest rows are gone: pruned, or lost with a server. Everything is read again.
    if (isReplaced) found = await readRevocationChanges(pool, 0)
    const into = isReplaced ? new Map<string, InForce>() : inForce
    apply(found.changes, into, beganAtMs)
    inForce = into
    newest = found.newest
    readAtMs = beganAtMs
    const revoked = found.changes.filter(({ leftMs }) => leftMs > 0)
    if (revoked.length === 0) return
    dropEnded()
    log.info({ step: 'identity.revoked', changes: revoked.length, inForce: inForce.size }, 'revocations read')
    onRevoked(revoked)
  }

  function refresh(): Promise<void> {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }

  const isInForce = (name: string): boolean => {
    const known = inForce.get(name)
    return known !== undefined && known.endsAtMs > now()
  }
  const isTokenRevoked = ({ idToken = '' }: Identified): boolean => idToken !== '' && isInForce(idToken)
  const isRevoked = (holder: Identified): boolean =>
    holder.idToken !== undefined && inForce.size > 0 && (isInForce(holder.buyer) || isTokenRevoked(holder))

  function reject(holder: Identified): void {
    if (isRevoked(holder)) throw identityRevoked()
  }
  function rejectToken(holder: Identified): void {
    if (isTokenRevoked(holder)) throw identityRevoked()
  }

  async function rejectAfterRead(holder: Identified): Promise<void> {
    // A read in progress may have begun before this process was stopped.
    await reading?.catch(() => undefined)
    if (now() - readAtMs > FRESH_MS)
      await refresh().catch((cause: unknown) => {
        throw new AppError('unavailable', {
          detail: 'It cannot be checked at the moment whether the account is revoked. Places are kept; try again.',
          retryAfterSeconds: RETRY_SECONDS,
          cause,
        })
      })
    reject(holder)
  }

  return {
    isRevoked,
    isInForce,
    reject,
    rejectToken,
    rejectNow: (holder) => {
      if (holder.idToken === undefined) return undefined
      if (now() - readAtMs > FRESH_MS) return rejectAfterRead(holder)
      return reject(holder)
    },
    refresh,
    all: () => [...inForce].map(([name, { kind }]) => ({ kind, name })),
    count: () => inForce.size,
    ageMs: () => now() - readAtMs,
    listen: (listener) => {
      onRevoked = listener
    },
  }
}

function identityRevoked(): AppError {
  return new AppError('identity-revoked', {
    detail: 'The shop has revoked the account, or the ID token that the place was taken with.',
  })
}

/** Identifies a buyer or throws, also for a revoked one. */
export type IdentifyAllowed = (sale: string, credentials: Credentials) => MaybePromise<TicketHolder>

/** Wraps the identification of buyers: rejects revoked ones, by one look-up in memory, none for anonymous buyers. */
export function identifyUnrevoked(identify: Identify, revocations: Pick<Revocations, 'reject'>): IdentifyAllowed {
  return function identifyAllowed(sale, credentials) {
    return andThen(identify(sale, credentials), (holder) => {
      revocations.reject(holder)
      return holder
    })
  }
}
