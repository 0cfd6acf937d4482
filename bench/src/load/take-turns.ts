import { median } from '../machine/median.ts'

/** Something that is measured once a round, beside the others. */
export interface Candidate {
  readonly name: string
  measure(round: number): Promise<number>
}

export type Standings = ReadonlyMap<string, { readonly values: readonly number[]; readonly median: number }>

/** Measures every candidate once a round, in turn: whatever else the machine does hits all of them. */
export async function takeTurns(
  candidates: readonly Candidate[],
  options: { readonly rounds: number; progress(line: string): void; readonly signal: AbortSignal },
): Promise<Standings> {
  const values = new Map<string, number[]>(candidates.map(({ name }) => [name, []]))
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const { name, measure } of candidates) {
      options.signal.throwIfAborted()
      const value = await measure(round)
      values.get(name)?.push(value)
      options.progress(`round ${round} of ${options.rounds}: ${name} ${Math.round(value)}/s`)
    }
  }
  return new Map([...values].map(([name, measured]) => [name, { values: measured, median: median(measured) }]))
}
