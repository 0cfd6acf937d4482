import type { Context } from 'hono'

/** The query of a request; a parameter that is given twice is a list, which the schemas of single ones refuse. */
export function queryOf(c: Context): Readonly<Record<string, string | readonly string[]>> {
  return Object.fromEntries(
    Object.entries(c.req.queries()).map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  )
}
