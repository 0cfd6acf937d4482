/** The attributes of the cookie with the pass. */
export interface CookieRules {
  readonly name: string
  readonly partitioned: boolean
  readonly secure: boolean
}

/** How many cookies of the name are verified: a sibling host may plant some where `__Host-` does not keep it out. */
const COOKIES_MAX = 4

/**
 * Lists the values of the gate's cookie, in the order of the header, four at most. The name has exactly the form in which browsers
 * send it (RFC 6265 §5.4): with `trim`, a no-break space before `__Host-` would make a cookie that a sibling host may set
 * one of ours.
 */
export function cookieValues(header: string | undefined, name: string): readonly string[] {
  if (!header?.includes(name)) return []
  const found: string[] = []
  for (const pair of header.split(/; ?/)) {
    if (pair.startsWith(`${name}=`)) found.push(pair.slice(name.length + 1))
    if (found.length === COOKIES_MAX) break
  }
  return found
}
