export interface Supply {
  readonly count: number
  /** Number of the attempt, from 1. */
  readonly attempt: number
}

export interface SupplyUse {
  /** When the supply was used up, in seconds since the start; undefined when some of it was left. */
  readonly usedUpSeconds: number | undefined
}

const GROWTH_MIN = 4
/** Factor beyond the demand seen so far: a loop that ramps up uses more at its end than at its beginning. */
const MARGIN = 3
/** About 1 GB of admissions in k6. */
const SUPPLY_COUNT_MAX = 1_500_000

/**
 * Runs with a supply; when all of it was used before the time was over, runs again with a larger one, sized by the
 * speed of the first. The demand of a closed loop depends on the machine, so no fixed count fits all of them. Returns
 * the first run whose supply lasted, or the last one when no larger supply is possible.
 */
export async function runWithEnough<Run extends SupplyUse>(
  run: (supply: Supply) => Promise<Run>,
  { count, seconds, countMax = SUPPLY_COUNT_MAX }: { count: number; seconds: number; countMax?: number },
): Promise<Run> {
  let supply: Supply = { count, attempt: 1 }
  for (;;) {
    const done = await run(supply)
    if (done.usedUpSeconds === undefined || supply.count >= countMax) return done
    const larger = largerSupply(supply.count, { seconds, usedUpSeconds: done.usedUpSeconds })
    supply = { count: Math.min(larger, countMax), attempt: supply.attempt + 1 }
  }
}

/** Returns the supply that lasts for `seconds` at the speed that used up `count` of it within `usedUpSeconds`. Pure. */
export function largerSupply(
  count: number,
  time: { readonly seconds: number; readonly usedUpSeconds: number },
): number {
  // A supply that was used up at once says nothing about the speed.
  const slowdown = time.usedUpSeconds > 0 ? time.seconds / time.usedUpSeconds : 0
  return Math.ceil(count * Math.max(GROWTH_MIN, MARGIN * slowdown))
}
