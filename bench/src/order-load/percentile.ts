/**
 * Returns the value that this share of the values (0 to 1) does not exceed, by nearest rank; 0 without values. Pure.
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}
