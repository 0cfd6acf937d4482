import type { Admission } from './admission.ts'

/** Remembers what verified tokens say, by the token itself, so that each is verified once under one set of keys. */
export interface VerifiedTokens {
  /** Under this edition of the keys; also of a token that has ended. */
  get(token: string, edition: number): Admission | undefined
  add(token: string, admission: Admission, edition: number): void
}

/** Another edition forgets all that was verified under the one before; the oldest entry makes room when `max` is reached. */
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
      // It was verified while the keys changed: by which of them nobody knows.
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
