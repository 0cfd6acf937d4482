import type { CookieRules } from './cookie.ts'

/**
 * How long after its end a pass stays in the browser: a buyer who comes back late from a payment can still give the slot
 * back, and learns that the turn has ended.
 */
const KEPT_AFTER_END_SECONDS = 24 * 3_600

/** Formats the `Set-Cookie` that stores a pass. */
export function storeCookie(rules: CookieRules, token: string, endsAt: Date, nowMs: number): string {
  const seconds = Math.max(0, Math.ceil((endsAt.getTime() - nowMs) / 1_000)) + KEPT_AFTER_END_SECONDS
  return setCookie(rules, token, seconds)
}

/** Formats the `Set-Cookie` that deletes the pass. */
export function clearCookie(rules: CookieRules): string {
  return setCookie(rules, '', 0)
}

const setCookie = ({ name, partitioned, secure }: CookieRules, value: string, maxAgeSeconds: number): string => {
  const site = partitioned && secure ? 'SameSite=None; Partitioned' : 'SameSite=Lax'
  return `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; ${secure ? 'Secure; ' : ''}${site}`
}
