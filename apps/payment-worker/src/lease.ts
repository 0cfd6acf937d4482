/** How long a charge or refund is leased to one process: longer than a round and the record of its outcome. */
export const LEASE_SECONDS = 30

/** How long after the beginning of its lease a round may call the provider. */
export const ROUND_MS_MAX = 25_000
/** A round with less time left does not begin. */
export const ROUND_MS_MIN = 2_000

/**
 * Runs a round whose lease began at that time of `performance.now()`. Its signal aborts with `signal`, and when the round
 * has to end, so that two processes never call the provider for one charge. Runs nothing where too little time is left,
 * as after a long wait for a slot: a sweep leases the charge again.
 */
export async function runWithinLease(
  { leasedAtMs, signal }: { readonly leasedAtMs: number; readonly signal: AbortSignal },
  round: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const leftMs = leasedAtMs + ROUND_MS_MAX - performance.now()
  if (leftMs < ROUND_MS_MIN) return
  const ending = new AbortController()
  const timer = setTimeout(() => ending.abort(), leftMs).unref()
  try {
    await round(AbortSignal.any([signal, ending.signal]))
  } finally {
    clearTimeout(timer)
  }
}
