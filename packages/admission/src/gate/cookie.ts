/** How the cookie with the pass is set. */
export interface CookieRules {
  readonly name: string
  readonly partitioned: boolean
  readonly secure: boolean
}

/**
 * How long after its end a pass stays in the browser: a buyer who comes back late from a payment can still give the slot
 * back, and learns that the turn has ended.
 */
const KEPT_AFTER_END_SECONDS = 24 * 3_600
/** How many cookies of the name are verified: a sibling host may plant some where `__Host-` does not keep it out. */
const COOKIES_MAX = 4

/** Lists the values of our cookie, in the order of the header, four at most. */
export function cookieValues(header: string | undefined, name: string): readonly string[] {
  if (header === undefined || !header.includes(name)) return []
  const found: string[] = []
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === name) found.push(pair.slice(at + 1).trim())
    if (found.length === COOKIES_MAX) break
  }
  return found
}

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
