import { createBoundedMap } from '@floodgate/async'

/** How long a count holds: a sale gets at most what arrives meanwhile beyond its maximum. */
const COUNTED_MS = 10_000
const SALES_MAX = 1_000

/** Tells whether a sale has as many reminders as it may have. Counts at most once in ten seconds. */
export type IsFull = (sale: string) => Promise<boolean>

export function createIsFull(
  max: number,
  { count, now = () => performance.now() }: { count(sale: string): Promise<number>; now?(): number },
): IsFull {
  const counted = createBoundedMap<{ readonly atMs: number; readonly isFull: Promise<boolean> }>(SALES_MAX)
  return async function isFull(sale) {
    if (max === 0) return true
    const known = counted.get(sale)
    if (known !== undefined && now() - known.atMs < COUNTED_MS) return known.isFull
    const judged = count(sale).then((reminders) => reminders >= max)
    counted.set(sale, { atMs: now(), isFull: judged })
    judged.catch(() => counted.delete(sale))
    return judged
  }
}
