import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Bench, BenchResult, Values } from '../bench.ts'
import { readConditions } from '../machine/conditions.ts'
import { thresholdTable, writeResult } from '../results/write-result.ts'

const SECOND = 1_000
const HEARTBEAT_MS = 5 * SECOND

/**
 * Runs one bench in its own directory, prints its progress, and writes its result if a directory is given.
 * Returns whether the run counts and every ratio was reached; for a small run only whether it counts.
 */
export async function runBench(
  bench: Bench,
  options: {
    readonly values: Values
    readonly small: boolean
    readonly results: string | undefined
    print(text: string): void
    readonly signal: AbortSignal
  },
): Promise<boolean> {
  const { values, small, results, print, signal } = options
  const startedAt = performance.now()
  const conditions = await readConditions()
  const directory = await mkdtemp(join(tmpdir(), 'floodgate-bench-'))
  let spokenAt = startedAt
  const progress = (line: string): void => {
    spokenAt = performance.now()
    print(`· ${((spokenAt - startedAt) / SECOND).toFixed(0).padStart(4)} s  ${line}\n`)
  }
  const over = new AbortController()
  void keepTalking({ silentMs: () => performance.now() - spokenAt, progress, signal: over.signal })
  print(`\n${bench.name}: ${bench.about}\n`)
  try {
    const result = await bench.run({ values, small, directory, conditions, progress, signal })
    print(`\n${summary(result)}\n`)
    if (results !== undefined && bench.keepsResult !== false)
      await writeResult(results, { name: bench.name, conditions, result })
    return counts(result) && (small || result.thresholds.every(({ kind, reached }) => kind === 'absolute' || reached))
  } finally {
    over.abort()
    await rm(directory, { recursive: true, force: true })
  }
}

const counts = ({ faults }: BenchResult): boolean => faults.length === 0

const summary = (result: BenchResult): string =>
  [
    result.title,
    ...result.faults.map((fault) => `This run does not count: ${fault}`),
    result.thresholds.length === 0 ? '' : thresholdTable(result.thresholds),
    result.markdown.trim(),
  ]
    .filter((part) => part !== '')
    .join('\n\n')

/** Prints progress at least every five seconds, even where a bench has nothing to report. */
async function keepTalking(options: {
  silentMs(): number
  progress(line: string): void
  readonly signal: AbortSignal
}): Promise<void> {
  while (!options.signal.aborted) {
    await delay(SECOND, undefined, { signal: options.signal }).catch(() => undefined)
    if (!options.signal.aborted && options.silentMs() > HEARTBEAT_MS) options.progress('…')
  }
}
