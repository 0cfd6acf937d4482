export interface UrlRules {
  readonly schemes: readonly string[]
  /** The client sends a user and password of the URL. Not `fetch`, which rejects such a URL at each call. */
  readonly mayHaveCredentials?: boolean
  /** What the client makes of the path. By default, any is accepted. */
  readonly path?: { readonly pattern: RegExp; readonly words: string }
  /** The client also takes a socket's path as the host (`%2Frun`), and has a default for a URL without a host. */
  readonly mayLackHost?: boolean
}

/**
 * Returns why no client can reach a server by this URL, or undefined. Clients differ in what they do about a malformed
 * URL: some fail at each call, some replace what they cannot read. The reasons contain nothing of the URL, which may
 * contain a password. Pure.
 */
export function urlProblem(value: string, rules: UrlRules): string | undefined {
  const beginnings = rules.schemes.map((scheme) => `${scheme}://`)
  const hasScheme = beginnings.some((beginning) => value.toLowerCase().startsWith(beginning))
  if (!hasScheme || !URL.canParse(value)) return `must be a URL that begins with ${beginnings.join(' or ')}`
  const { username, password, hostname, port, pathname } = new URL(value)
  if (/\s/.test(value)) return 'must not contain white space'
  if (![username, password, hostname, pathname].every(isDecodable))
    return 'must not contain a % that is not followed by two hexadecimal digits: % itself is written %25'
  if (!rules.mayLackHost && (hostname === '' || hostname.includes('%'))) return 'must name a host'
  if (port === '0') return 'must not have port 0'
  if (!rules.mayHaveCredentials && (username !== '' || password !== '')) return 'must not contain a user or password'
  if (rules.path !== undefined && !rules.path.pattern.test(pathname)) return `must have ${rules.path.words}`
  return undefined
}

function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part)
    return true
  } catch {
    return false
  }
}
