/** A route's path in the form in which the fast path compares it with URLs. */
export interface PathPattern {
  readonly prefix: string
  /** Undefined for a path without a parameter. */
  readonly suffix: string | undefined
}

export function splitPath(path: string): PathPattern {
  const [prefix = '', suffix, ...more] = path.split(/:[a-z]+/i)
  if (more.length > 0) throw new TypeError(`A route has at most one parameter: ${path}`)
  return { prefix, suffix }
}

/**
 * Returns the value of the path's parameter in a URL, empty when the path has none, undefined when the URL does not
 * match.
 */
export function parameterIn(url: string, { prefix, suffix }: PathPattern): string | undefined {
  if (suffix === undefined) return url === prefix ? '' : undefined
  if (!url.endsWith(suffix) || !url.startsWith(prefix)) return undefined
  const end = url.length - suffix.length
  return end > prefix.length ? url.slice(prefix.length, end) : undefined
}
