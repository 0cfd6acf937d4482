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
    if (at > 0 && trimmed(pair.slice(0, at)) === name) found.push(trimmed(pair.slice(at + 1)))
    if (found.length === COOKIES_MAX) break
  }
  return found
}

/**
 * Removes spaces and tabs, as browsers do (RFC 6265 §5.2), and no other white space: with `trim`, a no-break space before
 * `__Host-` would make a cookie that a sibling host may set one of ours.
 */
const trimmed = (text: string): string => {
  let [start, end] = [0, text.length]
  while (start < end && isBlank(text.charCodeAt(start))) start += 1
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

const isBlank = (code: number) => code === 0x20 || code === 0x09
