import { createHash } from 'node:crypto'
import { pause, raceSignal, settledWithin, untilNextPoll } from '@floodgate/async'
import type { Client } from 'pg'
import { DatabaseClient } from './database-client.ts'
import { trackSockets } from './open-sockets.ts'
import { connectionOptions } from './pool.ts'

const SECOND = 1_000
const TRY_AGAIN_MS = 500
const PROBE_MS = 2 * SECOND
/** A connection without a response for this long counts as lost. */
const RESPONSE_MS_MAX = 5 * SECOND
const CLOSE_MS_MAX = SECOND

export interface AdvisoryLockOptions {
  readonly url: string
  /** Any text; holders of equal texts exclude each other within one database. */
  readonly key: string
  /** Ends it: the lock is released and the promise resolves. */
  readonly signal: AbortSignal
  /**
   * Runs while the lock is held; the lock lives on `connection` and ends with it. `held` aborts when either ends; the
   * next try starts only after this settled. A rejection while the lock is still held releases the lock and counts as a
   * failure, as does returning early.
   */
  whileHeld(held: AbortSignal, connection: Client): Promise<void>
  /** Called when another process holds the lock; `waiting` aborts when the wait ends, with or without the lock. */
  whileWaiting?(waiting: AbortSignal): void
  /** Called with the reason when the lock, or the try to get it, was lost. */
  onLost?(error: unknown): void
  readonly applicationName?: string
}

/**
 * Runs `whileHeld` in one process at a time, by a session advisory lock on a separate connection; a waiting process
 * takes over within a second of the holder's end. Resolves after `signal` aborted and everything is closed; never
 * rejects.
 *
 * The holder detects a broken connection when its socket closes or within 7 s, while the server may give the lock to
 * the next one earlier: work under the lock must tolerate two holders for that long.
 */
export async function holdAdvisoryLock(options: AdvisoryLockOptions): Promise<void> {
  const { signal } = options
  while (!signal.aborted) {
    try {
      await session(options)
    } catch (error) {
      if (!signal.aborted) options.onLost?.(error)
    }
    await pause(jittered(TRY_AGAIN_MS), signal)
  }
}

/** Runs one connection: it connects, waits, holds, and ends. */
async function session(options: AdvisoryLockOptions): Promise<void> {
  const sockets = trackSockets()
  const client = new DatabaseClient({
    ...connectionOptions(options.url, options.applicationName ?? `floodgate-lock ${options.key}`),
    stream: sockets.open,
    query_timeout: RESPONSE_MS_MAX,
  })
  const gone = new AbortController()
  client.on('error', (error) => gone.abort(error))
  client.on('end', () => gone.abort(new Error('the connection of the advisory lock ended')))
  const alive = AbortSignal.any([gone.signal, options.signal])
  try {
    // The lock is not held yet, so an unresponsive server is not awaited.
    alive.addEventListener('abort', sockets.destroy, { once: true })
    await client.connect()
    await acquire(client, { ...options, alive })
    alive.removeEventListener('abort', sockets.destroy)
    await hold(client, { ...options, gone, alive })
  } finally {
    alive.removeEventListener('abort', sockets.destroy)
    // Closing the connection releases the lock, whatever state it is in.
    await settledWithin(CLOSE_MS_MAX, client.end())
    sockets.destroy()
  }
}

interface Alive {
  readonly alive: AbortSignal
}

async function acquire(client: Client, options: AdvisoryLockOptions & Alive): Promise<void> {
  const turn = new AbortController()
  let told = false
  try {
    while (!(await tryLock(client, options.key))) {
      if (!told) options.whileWaiting?.(AbortSignal.any([options.alive, turn.signal]))
      told = true
      await pause(jittered(TRY_AGAIN_MS), options.alive)
      options.alive.throwIfAborted()
    }
  } finally {
    turn.abort()
  }
}

async function hold(
  client: DatabaseClient,
  options: AdvisoryLockOptions & Alive & { gone: AbortController },
): Promise<void> {
  const { alive, gone } = options
  const proving = probe(client, { alive, gone })
  try {
    await options.whileHeld(alive, client)
    if (!alive.aborted) throw new Error('the work under the advisory lock ended by itself')
  } finally {
    gone.abort()
    await proving
  }
  if (gone.signal.reason instanceof Error && !options.signal.aborted) throw gone.signal.reason
}

/** Probes the connection: a half-open one looks alive for hours, a query every other second detects it. */
async function probe(client: DatabaseClient, { alive, gone }: Alive & { gone: AbortController }): Promise<void> {
  while (!alive.aborted) {
    await pause(untilNextPoll(PROBE_MS), alive)
    if (alive.aborted) return
    const proof = client.query('select').catch((error: unknown) => {
      client.suspect(error)
      gone.abort(error)
    })
    await raceSignal(proof, alive).catch(() => undefined)
  }
}

async function tryLock(client: Client, key: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1::bigint) as locked', [
    advisoryLockKey(key),
  ])
  return rows[0]?.locked === true
}

/**
 * Returns the lock's key. Postgres' advisory locks are 64-bit numbers: the first eight bytes of the text's SHA-256,
 * signed, as text.
 */
export function advisoryLockKey(key: string): string {
  return createHash('sha256').update(key).digest().readBigInt64BE(0).toString()
}

const jittered = (ms: number): number => ms * (0.75 + Math.random() / 2)
