/** How the cookie with the pass is set. */
export interface CookieRules {
  readonly name: string
  readonly partitioned: boolean
  readonly secure: boolean
}

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
