import { setTimeout as delay } from 'node:timers/promises'
import type { BenchRun } from '../bench.ts'
import { cpuMsOf, type Measured, measureLoad } from '../line/measure-load.ts'
import { takeTurns } from '../load/take-turns.ts'

const SECOND = 1_000
const CONNECTIONS = 32

export interface Polls {
  /** By sale: each round's polling. */
  readonly rounds: ReadonlyMap<string, readonly Measured[]>
  /** CPU milliseconds per second that the process takes without requests: ticks and snapshots of all lines. */
  readonly idleCpuMsPerSecond: readonly number[]
  readonly seconds: number
}

/** Polls one line after the other, with a pause in between that measures the process' background work. */
export async function pollInTurns(
  run: BenchRun<{ readonly rounds: number; readonly seconds: number }>,
  options: {
    readonly waitingRoom: string
    readonly pids: readonly number[]
    readonly candidates: readonly { readonly sale: string; readonly tokens: readonly string[] }[]
  },
): Promise<Polls> {
  const { values, progress, signal, directory } = run
  const { waitingRoom, pids, candidates } = options
  const rounds = new Map<string, Measured[]>()
  const idleCpuMsPerSecond: number[] = []
  const pause = async () => {
    const before = await cpuMsOf(pids)
    await delay(values.seconds * SECOND, undefined, { signal })
    idleCpuMsPerSecond.push(((await cpuMsOf(pids)) - before) / values.seconds)
    return 0
  }
  const poll = async ({ sale, tokens }: (typeof candidates)[number]) => {
    const load = {
      url: `${waitingRoom}/sales/${sale}/ticket`,
      tokens,
      seconds: values.seconds,
      connections: CONNECTIONS,
    }
    const measured = await measureLoad(load, { pids, directory })
    rounds.set(sale, [...(rounds.get(sale) ?? []), measured])
    return measured.requestsPerSecond
  }
  await takeTurns(
    [
      { name: 'nobody', measure: pause },
      ...candidates.map((candidate) => ({ name: candidate.sale, measure: () => poll(candidate) })),
    ],
    { rounds: values.rounds, progress, signal },
  )
  return { rounds, idleCpuMsPerSecond, seconds: values.seconds }
}
