/** Returns the median; the upper one of an even number of values. Throws without values. */
export function median(values: readonly number[]): number {
  const middle = values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)]
  if (middle === undefined) throw new RangeError('No median without values.')
  return middle
}
