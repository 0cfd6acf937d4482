/** A figure for operators, as their browser writes it. Buyers' figures are written by the texts of their language. */
export function figure(value: number): string {
  return new Intl.NumberFormat().format(value)
}
