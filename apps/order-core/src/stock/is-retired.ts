const DAY_MS = 86_400_000

/**
 * Tells whether a sale is retired: from a day after its close nothing of it is in Redis, and its orders are read from
 * Postgres.
 */
export function isRetired(closedAt: Date | null | undefined, now: Date): boolean {
  return closedAt !== null && closedAt !== undefined && now.getTime() - closedAt.getTime() > DAY_MS
}
