import type { Context } from 'hono'

/** Returns the query of a request; a repeated parameter becomes a list, which the schemas of single ones reject. */
export function queryOf(c: Context): Readonly<Record<string, string | readonly string[]>> {
  return Object.fromEntries(
    Object.entries(c.req.queries()).map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  )
}
