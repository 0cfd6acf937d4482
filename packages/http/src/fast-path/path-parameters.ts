/** A route's path in the form in which the fast path compares it with URLs: the texts around its parameters. */
export type PathPattern = readonly [first: string, ...others: string[]]

const NO_VALUES: readonly string[] = []

/** Splits a path in Hono's form. Throws for a parameter that ends in the middle of a segment. */
export function splitPath(path: string): PathPattern {
  const [first = '', ...others] = path.split(/:\w+/)
  for (const [index, text] of others.entries())
    if (!text.startsWith('/') && (text !== '' || index < others.length - 1))
      throw new TypeError(`A parameter ends with its segment: ${path}`)
  return [first, ...others]
}

/**
 * Returns the values of the path's parameters in a URL, in their order; undefined when the URL does not match. A value
 * is not empty and ends at the next slash.
 */
export function parametersIn(url: string, pattern: PathPattern): readonly string[] | undefined {
  const first = pattern[0]
  if (pattern.length === 1) return url === first ? NO_VALUES : undefined
  if (!url.startsWith(first)) return undefined
  const values: string[] = []
  let at = first.length
  for (let index = 1; index < pattern.length; index += 1) {
    const text = pattern[index] ?? ''
    const slash = url.indexOf('/', at)
    const end = slash < 0 ? url.length : slash
    if (end === at || !url.startsWith(text, end)) return undefined
    values.push(url.slice(at, end))
    at = end + text.length
  }
  return at === url.length ? values : undefined
}
