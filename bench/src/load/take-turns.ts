/** A candidate that is measured once per round. */
interface Candidate {
  readonly name: string
  measure(): Promise<number>
}

/** Measures every candidate once per round, in turn, so that other work on the machine affects all of them. */
export async function takeTurns(
  candidates: readonly Candidate[],
  options: { readonly rounds: number; progress(line: string): void; readonly signal: AbortSignal },
): Promise<void> {
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const { name, measure } of candidates) {
      options.signal.throwIfAborted()
      options.progress(`round ${round} of ${options.rounds}: ${name} ${Math.round(await measure())}/s`)
    }
  }
}
