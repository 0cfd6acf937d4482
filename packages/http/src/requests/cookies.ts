/**
 * Returns the values of all cookies of one name in a `Cookie` header (RFC 6265 §4.2). A sibling host may have set
 * another cookie of that name, and the header does not distinguish them: the caller uses the one that verifies.
 */
export function cookieValues(header: string | undefined, name: string): readonly string[] {
  if (header?.includes(name) !== true) return []
  const values: string[] = []
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=')
    if (at !== -1 && pair.slice(0, at).trim() === name) values.push(pair.slice(at + 1).trim())
  }
  return values
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
