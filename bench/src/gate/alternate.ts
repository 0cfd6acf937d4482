import { median } from '../machine/median.ts'

/** One way to do the same work. */
export interface Contender {
  readonly name: string
  /** Does the work `times` times, from a start that moves on, so that no round repeats another one's input. */
  work(times: number): Promise<void>
}

/** CPU time of one call, in microseconds: of each contender, the value of every round. */
export type Costs = Readonly<Record<string, readonly number[]>>

/**
 * Measures contenders in rounds, each of which runs all of them, in an order that turns by one. CPU time of the whole
 * process is counted, threads included: neighbours on the machine take time, but none of that.
 */
export async function alternate(
  contenders: readonly Contender[],
  { rounds, times, signal }: { readonly rounds: number; readonly times: number; readonly signal: AbortSignal },
): Promise<Costs> {
  const costs: Record<string, number[]> = Object.fromEntries(contenders.map(({ name }) => [name, []]))
  for (const { work } of contenders) await work(times)
  for (let round = 0; round < rounds; round += 1) {
    signal.throwIfAborted()
    for (let index = 0; index < contenders.length; index += 1) {
      const contender = contenders[(index + round) % contenders.length]
      if (contender === undefined) continue
      const before = process.cpuUsage()
      await contender.work(times)
      const { user, system } = process.cpuUsage(before)
      costs[contender.name]?.push((user + system) / times)
    }
  }
  return costs
}

/** Returns the median over all rounds of one contender's value divided by another's in the same round. Pure. */
export function ratioOf(costs: Costs, name: string, beside: string): number {
  return median(byRound(costs, name, beside).map(([one, other]) => one / other))
}

/** Returns the median over all rounds of one contender's value less another's in the same round. Pure. */
export function differenceOf(costs: Costs, name: string, beside: string): number {
  return median(byRound(costs, name, beside).map(([one, other]) => one - other))
}

const byRound = (costs: Costs, name: string, beside: string): (readonly [number, number])[] =>
  (costs[name] ?? []).map((value, round) => [value, costs[beside]?.[round] ?? Number.NaN] as const)
