/** An array of numbers as Postgres reads it, without the driver's look at each of them. */
export function numberArray(values: readonly (number | string | undefined)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`
}
