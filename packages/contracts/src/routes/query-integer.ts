import { z } from 'zod'

/** As many as the largest number that is exact has. */
const DIGITS = /^\d{1,16}$/

/**
 * Declares a whole number in a query, in digits only: `0x10`, `1e2` and ` 10` are rejected, though JavaScript parses
 * them.
 */
export function queryInteger(minimum: number, maximum: number) {
  const number = z.number({ error: 'must be a whole number, in digits' }).int().min(minimum).max(maximum)
  return z.preprocess(
    (value: string | number) => (typeof value === 'string' && DIGITS.test(value) ? Number(value) : value),
    number,
  )
}
