import type { ThresholdResult } from '../bench.ts'

interface Measured {
  readonly what: string
  readonly value: number
  /** Digits behind the point, of the value alone. */
  readonly digits?: number
  /** Follows limit and value. */
  readonly unit?: string
  /** Follows the limit: what it is a share or a multiple of. */
  readonly of?: string
  /** Follows the value. */
  readonly note?: string
  /** How far beyond the limit a value still reaches it: what is counted besides, and no fault of the code. */
  readonly tolerance?: number
  readonly kind?: ThresholdResult['kind']
}

/** Holds a value against the least it may be. Pure. */
export function atLeast(limit: number, measured: Measured): ThresholdResult {
  return compare(`≥ ${amount(limit)}`, measured, measured.value >= limit - (measured.tolerance ?? 0))
}

/** Holds a value against the most it may be. Pure. */
export function atMost(limit: number, measured: Measured): ThresholdResult {
  return compare(`≤ ${amount(limit)}`, measured, measured.value <= limit + (measured.tolerance ?? 0))
}

/** Holds a value against what it must stay under. Pure. */
export function below(limit: number, measured: Measured): ThresholdResult {
  return compare(`< ${amount(limit)}`, measured, measured.value < limit)
}

/** Holds a value against the only one it may be. Pure. */
export function equals(limit: number, measured: Measured): ThresholdResult {
  return compare(amount(limit), measured, Math.abs(measured.value - limit) <= (measured.tolerance ?? 0))
}

function compare(limit: string, measured: Measured, reached: boolean): ThresholdResult {
  const { what, value, digits = 0, unit = '', of = '', note = '', kind = 'ratio' } = measured
  return { what, threshold: `${limit}${unit}${of}`, measured: `${amount(value, digits)}${unit}${note}`, reached, kind }
}

const amount = (value: number, digits?: number): string =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
