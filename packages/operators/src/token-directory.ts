import { pause, type Repeated, repeat } from '@floodgate/async'
import type { Caller, TokenDirectory } from '@floodgate/http'
import { AppError, type Log } from '@floodgate/runtime'
import type { KnownToken } from './token-store.ts'

/** Pause between two reads: a revocation is in force in every process after it. */
const READ_EVERY_MS = 2_000
/** How long the last read is used while the tokens cannot be read: an outage must not lock operators out. */
const STALE_MS_MAX = 3_600_000
/** How long an unknown token waits for a read. */
const LOOK_UP_MS_MAX = 1_000
const RETRY_SECONDS = 2

export interface TokenDirectoryOptions {
  readTokens(): Promise<readonly KnownToken[]>
  readonly log: Log
  /** Milliseconds on a monotonic clock. */
  now?(): number
  /** The wall clock, for the expiry of tokens. */
  wallNow?(): number
}

export interface RunningTokenDirectory extends TokenDirectory {
  start(): void
  stop(): Promise<void>
  /** Milliseconds since the last read; Infinity before. */
  ageMs(): number
}

/**
 * Keeps all tokens in force in memory, by their hash, and reads them every two seconds. While they cannot be read, the last
 * read counts for an hour: a token that was revoked meanwhile elsewhere stays accepted here until then.
 */
export function createTokenDirectory(options: TokenDirectoryOptions): RunningTokenDirectory {
  const { readTokens, log, now = () => performance.now(), wallNow = Date.now } = options
  let known: ReadonlyMap<string, KnownToken> = new Map()
  let readAtMs = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined
  let next: Promise<void> | undefined
  let reads: Repeated | undefined

  async function read(): Promise<void> {
    const startedMs = now()
    const tokens = await readTokens()
    known = new Map(tokens.map((token) => [token.sha256, token]))
    readAtMs = startedMs
  }

  function readOnce(): Promise<void> {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }

  /** Begins a read after this moment: one in progress may have missed a token that was just created. */
  function readAfterThis(): Promise<void> {
    if (reading === undefined) return readOnce()
    next ??= reading
      .catch(() => undefined)
      .then(() => {
        next = undefined
        return readOnce()
      })
    return next
  }

  function find(sha256: string): Caller | undefined {
    if (now() - readAtMs > STALE_MS_MAX) return undefined
    const token = known.get(sha256)
    if (token === undefined || token.expiresAt.getTime() <= wallNow()) return undefined
    const { id, name, role, expiresAt } = token
    return { id, name, role, expiresAt: expiresAt.toISOString() }
  }

  async function lookUp(sha256: string): Promise<Caller | undefined> {
    const outcome = await Promise.race([
      readAfterThis().then(
        () => 'read' as const,
        () => 'failed' as const,
      ),
      pause(LOOK_UP_MS_MAX).then(() => 'late' as const),
    ])
    if (outcome === 'read') return find(sha256)
    throw new AppError('unavailable', {
      detail: 'The operator tokens cannot be read at the moment, and this one is not known yet.',
      retryAfterSeconds: RETRY_SECONDS,
    })
  }

  return {
    find,
    lookUp,
    ageMs: () => now() - readAtMs,
    start() {
      reads = repeat({
        everyMs: READ_EVERY_MS,
        work: readOnce,
        onError: (error) => log.warn({ error }, 'operator tokens not read'),
      })
    },
    async stop() {
      await reads?.stop()
    },
  }
}
