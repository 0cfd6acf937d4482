/** A route's path, in the form that the fast path compares URLs with. */
export interface PathPattern {
  readonly prefix: string
  /** Undefined for a path without a parameter. */
  readonly suffix: string | undefined
}

export function splitPath(path: string): PathPattern {
  const [prefix = '', suffix, ...more] = path.split(/:[a-z]+/i)
  if (more.length > 0) throw new TypeError(`A route has one parameter at most: ${path}`)
  return { prefix, suffix }
}

/** What stands for the path's parameter in a URL, empty when the path has none; undefined for the URL of another path. */
export function parameterIn(url: string, { prefix, suffix }: PathPattern): string | undefined {
  if (suffix === undefined) return url === prefix ? '' : undefined
  if (!url.endsWith(suffix) || !url.startsWith(prefix)) return undefined
  const end = url.length - suffix.length
  return end > prefix.length ? url.slice(prefix.length, end) : undefined
}
