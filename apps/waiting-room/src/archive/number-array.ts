/** Formats an array of numbers as Postgres parses it, without the driver's check of each. */
export function numberArray(values: readonly (number | string | undefined)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`
}
