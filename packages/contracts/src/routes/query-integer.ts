import { z } from 'zod'

const DIGITS = /^\d{1,15}$/

/** A whole number in a query, written in digits alone: `0x10`, `1e2` and ` 10` are none, though JavaScript reads them. */
export function queryInteger(minimum: number, maximum: number) {
  const number = z.number({ error: 'must be a whole number, in digits' }).int().min(minimum).max(maximum)
  return z.preprocess(
    (value: string | number) => (typeof value === 'string' && DIGITS.test(value) ? Number(value) : value),
    number,
  )
}
