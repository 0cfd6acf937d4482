/**
 * Returns the values of all cookies of one name in a `Cookie` header (RFC 6265 §4.2). A sibling host may have set
 * another cookie of that name, and the header does not distinguish them: the caller uses the one that verifies.
 */
export function cookieValues(header: string | undefined, name: string): readonly string[] {
  if (header?.includes(name) !== true) return []
  const values: string[] = []
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=')
    if (at !== -1 && withoutBlanks(pair.slice(0, at)) === name) values.push(withoutBlanks(pair.slice(at + 1)))
  }
  return values
}

/**
 * Removes the spaces and tabs around a text, as browsers do (RFC 6265 §5.2), and no other white space: with `trim`, a
 * no-break space before `__Host-` would make a cookie that a sibling host may set one of ours.
 */
function withoutBlanks(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && isBlank(text.charCodeAt(start))) start += 1
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

export interface CookieAttributes {
  readonly path: string
  /** 0 deletes the cookie. */
  readonly maxAgeSeconds: number
  readonly secure: boolean
  /**
   * For pages in a frame of another site, over https: `SameSite=None`, and a separate cookie for each embedding site
   * (CHIPS).
   */
  readonly partitioned?: boolean
}

/** Formats a `Set-Cookie` value that no script reads and no cross-site request carries, except a followed link. */
export function setCookie(name: string, value: string, attributes: CookieAttributes): string {
  const { path, maxAgeSeconds, secure, partitioned = false } = attributes
  const sameSite = secure && partitioned ? 'None; Partitioned' : 'Lax'
  const flags = `; HttpOnly; SameSite=${sameSite}${secure ? '; Secure' : ''}`
  return `${name}=${value}; Path=${path}; Max-Age=${maxAgeSeconds}${flags}`
}
