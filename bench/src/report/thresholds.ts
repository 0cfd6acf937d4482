import type { ThresholdResult } from '../bench.ts'

interface Measured {
  readonly what: string
  readonly value: number
  /** Digits behind the point, for the value only. */
  readonly digits?: number
  /** The unit; follows limit and value. */
  readonly unit?: string
  /** Follows the limit: the quantity that it is a share or a multiple of. */
  readonly of?: string
  /** Follows the value. */
  readonly note?: string
  /** How far beyond the limit a value still reaches it, for counts that are no fault of the code. */
  readonly tolerance?: number
  readonly kind?: ThresholdResult['kind']
}

/** Compares a value with its minimum. Pure. */
export function atLeast(limit: number, measured: Measured): ThresholdResult {
  return compare(`≥ ${amount(limit)}`, measured, measured.value >= limit - (measured.tolerance ?? 0))
}

/** Compares a value with its maximum. Pure. */
export function atMost(limit: number, measured: Measured): ThresholdResult {
  return compare(`≤ ${amount(limit)}`, measured, measured.value <= limit + (measured.tolerance ?? 0))
}

/** Compares a value with a limit that it must stay below. Pure. */
export function below(limit: number, measured: Measured): ThresholdResult {
  return compare(`< ${amount(limit)}`, measured, measured.value < limit)
}

/** Compares a value with the only allowed one. Pure. */
export function equals(limit: number, measured: Measured): ThresholdResult {
  return compare(amount(limit), measured, Math.abs(measured.value - limit) <= (measured.tolerance ?? 0))
}

function compare(limit: string, measured: Measured, reached: boolean): ThresholdResult {
  const { what, value, digits = 0, unit = '', of = '', note = '', kind = 'ratio' } = measured
  return { what, threshold: `${limit}${unit}${of}`, measured: `${amount(value, digits)}${unit}${note}`, reached, kind }
}

const amount = (value: number, digits?: number): string =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
