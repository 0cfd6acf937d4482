import { errorReply, type Reply } from './intent.ts'
import type { StripeEntry } from './intent-book.ts'

/** Stripe may forget a key after a day. */
const KEPT_MS = 24 * 3_600_000

type StoredReply = Extract<StripeEntry, { kind: 'reply' }>

/**
 * Keeps the first response under each idempotency key, errors of the call included, and returns it to every repetition.
 * The key with other parameters is rejected, and so is one whose call is in progress
 * (docs.stripe.com/api/idempotent_requests).
 */
export function createStoredReplies(options: {
  readonly entries: readonly StripeEntry[]
  append(entry: StoredReply): void
  nowMs(): number
  readonly keysMax: number
}) {
  const stored = new Map<string, StoredReply>()
  const underWay = new Set<string>()
  for (const entry of options.entries) if (entry.kind === 'reply') stored.set(entry.key, entry)

  return async function reply(
    { key, request }: { readonly key: string | undefined; readonly request: string },
    act: () => Promise<Reply>,
  ): Promise<Reply & { readonly replayed: boolean }> {
    if (key === undefined) return { ...(await act()), replayed: false }
    if (underWay.has(key)) {
      const message = 'There is currently another in-progress request using this Idempotent Key.'
      return { ...errorReply(409, 'idempotency_error', message, { code: 'idempotency_key_in_use' }), replayed: false }
    }
    const known = stored.get(key)
    if (known !== undefined && options.nowMs() < known.atMs + KEPT_MS) {
      if (known.request === request) return { status: known.status, body: known.body, replayed: true }
      const message =
        'Keys for idempotent requests can only be used with the same parameters they were first used with.'
      return { ...errorReply(400, 'idempotency_error', message), replayed: false }
    }
    underWay.add(key)
    try {
      const { status, body } = await act()
      const entry: StoredReply = { kind: 'reply', key, request, atMs: options.nowMs(), status, body: { ...body } }
      options.append(entry)
      stored.delete(key)
      stored.set(key, entry)
      for (const oldest of stored.keys()) {
        if (stored.size <= options.keysMax) break
        stored.delete(oldest)
      }
      return { status, body, replayed: false }
    } finally {
      underWay.delete(key)
    }
  }
}
