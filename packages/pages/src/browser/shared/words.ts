/** A figure for operators, as their browser writes it. Buyers' figures are written by the texts of their language. */
export const figure = (value: number): string => new Intl.NumberFormat().format(value)
