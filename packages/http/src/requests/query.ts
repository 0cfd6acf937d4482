import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'

/** The query of a request; a parameter that is given twice is a list, which the schemas of single ones refuse. */
export function queryOf(c: Context): Readonly<Record<string, string | readonly string[]>> {
  return Object.fromEntries(
    Object.entries(c.req.queries()).map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  )
}

const DIGITS = /^\d{1,15}$/

/** A whole number in a query, written in digits alone: `0x10`, `1e2` and ` 10` are none, though JavaScript reads them. */
export function queryInteger(minimum: number, maximum: number) {
  const number = z.number({ error: 'must be a whole number, in digits' }).int().min(minimum).max(maximum)
  return z.preprocess((value) => (typeof value === 'string' && DIGITS.test(value) ? Number(value) : value), number)
}
