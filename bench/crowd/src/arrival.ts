/** `rush`: most arrive at the beginning, as after an announcement; `rising`: more and more. */
export const arrivalPatterns = ['even', 'rush', 'rising', 'at-once'] as const
export type ArrivalPattern = (typeof arrivalPatterns)[number]

/** Returns when the buyer with this number (from 0) arrives, in ms after the first; ascending with the number. Pure. */
export function arrivalMs(
  pattern: ArrivalPattern,
  { index, size, overMs }: { readonly index: number; readonly size: number; readonly overMs: number },
): number {
  const part = index / size
  switch (pattern) {
    case 'even':
      return overMs * part
    case 'rush':
      return overMs * part ** 3
    case 'rising':
      return overMs * Math.sqrt(part)
    case 'at-once':
      return 0
  }
}
