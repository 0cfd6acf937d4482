import { failureReply, type Reply } from './failures.ts'

/** A key counts for 15 days from its first use. */
const KEPT_MS = 15 * 24 * 3_600_000
const KEY_LENGTH_MAX = 300

interface Stored {
  readonly atMs: number
  /** Undefined while the request is in progress. */
  reply: Reply | undefined
}

/**
 * Keeps the first reply under each idempotency key, errors included, and returns it to every repetition, whatever the
 * repetition's body says. A key counts for its method and path, so that another path may use it again. The oldest keys
 * are forgotten beyond `keysMax`.
 */
export function createStoredReplies({ nowMs, keysMax }: { nowMs(): number; keysMax: number }) {
  const stored = new Map<string, Stored>()

  const run = async (name: string, act: () => Promise<Reply>): Promise<Reply> => {
    const entry: Stored = { atMs: nowMs(), reply: undefined }
    stored.delete(name)
    stored.set(name, entry)
    for (const oldest of stored.keys()) {
      if (stored.size <= keysMax) break
      stored.delete(oldest)
    }
    try {
      entry.reply = await act()
      return entry.reply
    } catch (error) {
      stored.delete(name)
      throw error
    }
  }

  return async function reply(
    { path, key }: { path: string; key: string | undefined },
    act: () => Promise<Reply>,
  ): Promise<Reply> {
    if (key === undefined || key === '') return await act()
    if (key.length > KEY_LENGTH_MAX) return failureReply('INVALID_IDEMPOTENCY_KEY')
    const name = `${path} ${key}`
    const known = stored.get(name)
    if (known === undefined || nowMs() >= known.atMs + KEPT_MS) return await run(name, act)
    return known.reply ?? failureReply('IDEMPOTENT_REQUEST_PROCESSING')
  }
}
