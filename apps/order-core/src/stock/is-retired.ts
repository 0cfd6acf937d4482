const DAY_MS = 86_400_000

/**
 * Tells whether a sale is retired: from a day after its close nothing of it is in Redis, and Postgres answers for its
 * orders.
 */
export function isRetired(closedAt: Date | null | undefined, now: Date): boolean {
  return closedAt !== null && closedAt !== undefined && now.getTime() - closedAt.getTime() > DAY_MS
}
