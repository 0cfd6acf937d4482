/**
 * TTL of the caches of signed and verified tokens, by last use: a dropped entry is computed again. Longer than any
 * pause between two polls of a waiting buyer, so that its ticket is verified once.
 */
export const TOKEN_CACHE_TTL_MS = 120_000
