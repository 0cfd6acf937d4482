/** Longer ones are never accepted, and would only lengthen the request. */
const RETURN_CHARACTERS_MAX = 2_000

/**
 * Returns the URL that the buyer came from, as the page's address names it. The server decides whether it counts; an
 * address that names several is one that somebody changed.
 */
export function returnIn(search: string): string | undefined {
  const [url = '', ...others] = new URLSearchParams(search).getAll('return')
  return others.length > 0 || url === '' || url.length > RETURN_CHARACTERS_MAX ? undefined : url
}
