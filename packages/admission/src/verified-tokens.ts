import type { Admission } from './admission.ts'

/** Remembers what verified tokens say, by the token itself, so that each is verified once while it is good. */
export interface VerifiedTokens {
  get(token: string): Admission | undefined
  add(token: string, admission: Admission): void
}

/** The oldest entry makes room when `max` is reached; an entry whose admission has ended is forgotten when it is met. */
export const createVerifiedTokens = (options: { readonly max: number; readonly now: () => number }): VerifiedTokens => {
  const entries = new Map<string, Admission>()
  return {
    get: (token) => {
      const admission = entries.get(token)
      if (admission === undefined || admission.expiresAt.getTime() > options.now()) return admission
      entries.delete(token)
      return undefined
    },
    add: (token, admission) => {
      if (options.max === 0) return
      if (entries.size >= options.max) {
        // A Map iterates in the order of insertion.
        const oldest = entries.keys().next()
        if (oldest.done !== true) entries.delete(oldest.value)
      }
      entries.set(token, admission)
    },
  }
}
