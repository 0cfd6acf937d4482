import type { Admission } from './admission.ts'

/** Caches the admissions of verified tokens by the token itself, so that each is verified once per key set. */
export interface VerifiedTokens {
  /** Returns the admission verified with this edition of the keys; also that of an expired token. */
  get(token: string, edition: number): Admission | undefined
  add(token: string, admission: Admission, edition: number): void
}

/**
 * Creates the cache. A new edition drops everything verified with the previous one; the oldest entry makes room when
 * `max` is reached.
 */
export function createVerifiedTokens(max: number): VerifiedTokens {
  const entries = new Map<string, Admission>()
  let inForce = 0
  return {
    get: (token, edition) => {
      if (edition !== inForce) {
        entries.clear()
        inForce = edition
      }
      return entries.get(token)
    },
    add: (token, admission, edition) => {
      // The keys changed during the verification: which of them verified it is unknown.
      if (max === 0 || edition !== inForce) return
      if (entries.size >= max) {
        // A Map iterates in the order of insertion.
        const oldest = entries.keys().next()
        if (oldest.done !== true) entries.delete(oldest.value)
      }
      entries.set(token, admission)
    },
  }
}
