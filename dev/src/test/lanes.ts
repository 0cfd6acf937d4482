import type { Part } from './parts.ts'

/** Most parts wait for pages, time-outs and dead processes: two at once keep two cores busy. */
const LANES = 2
const LANES_MAX = 8

export interface LaneOptions<Result> {
  readonly lanes: number
  /** Resolves once it is known whether this machine has what the part needs. */
  untilKnown(part: Part): Promise<unknown>
  /** Runs a part; `isAlone` while no other one runs. */
  run(part: Part, isAlone: boolean): Promise<Result>
}

/** Reads the number of parts that run side by side from `FLOODGATE_LANES`; 2 by default. Pure. */
export function lanesOf(setting: string | undefined): number {
  const lanes = Number(setting || LANES)
  if (!Number.isInteger(lanes) || lanes < 1 || lanes > LANES_MAX)
    throw new Error(`FLOODGATE_LANES is ${setting}; it must be a number from 1 to ${LANES_MAX}.`)
  return lanes
}

/**
 * Runs parts side by side, in their order; a part whose tools are still being installed, or that writes to the same place
 * as a running one, lets the next one go first. Parts that load the machine run afterwards, once nothing is installed any
 * more: in the same way, then those that must be alone. Returns the results in the order of the parts.
 */
export async function runInLanes<Result>(parts: readonly Part[], options: LaneOptions<Result>): Promise<Result[]> {
  const results = new Map<Part, Result>()
  const known = new Set<Part>()
  const learned = new Map(parts.map((part) => [part, options.untilKnown(part).then(() => void known.add(part))]))

  async function runAll(load: Part['load'], lanesMax = options.lanes): Promise<void> {
    const waiting = parts.filter((part) => part.load === load)
    const running = new Map<Part, Promise<void>>()
    const lanes = Math.min(lanesMax, waiting.length)

    function mayStart(part: Part): boolean {
      if (running.size >= lanes || !known.has(part)) return false
      return part.writesTo === undefined || [...running.keys()].every(({ writesTo }) => writesTo !== part.writesTo)
    }
    async function run(part: Part): Promise<void> {
      results.set(part, await options.run(part, lanes === 1))
      running.delete(part)
    }

    while (waiting.length > 0 || running.size > 0) {
      const index = waiting.findIndex(mayStart)
      const [part] = index === -1 ? [] : waiting.splice(index, 1)
      if (part !== undefined) running.set(part, run(part))
      else {
        const unknown = waiting.filter((each) => !known.has(each))
        await Promise.race([...running.values(), ...unknown.map((each) => learned.get(each))])
      }
    }
  }

  await runAll(undefined)
  await Promise.all(learned.values())
  await runAll('shared')
  await runAll('alone', 1)
  return parts.flatMap((part) => results.get(part) ?? [])
}
