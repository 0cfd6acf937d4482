const DAY_MS = 86_400_000

/** From a day after its close a sale has nothing left in Redis; its orders are answered from Postgres. */
export function isRetired(closedAt: Date | null | undefined, now: Date): boolean {
  return closedAt !== null && closedAt !== undefined && now.getTime() - closedAt.getTime() > DAY_MS
}
