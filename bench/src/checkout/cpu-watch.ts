import { readProcessCost } from '../machine/process-cost.ts'

/** Process ids by server name; their children count too. */
export type Watched = Readonly<Record<string, readonly number[]>>

const ATTEMPTS_MAX = 5

/** Returns the CPU time that each of them took while `work` ran, beside its result. */
export async function withCpu<Result>(
  watched: Watched,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly cpuMs: Readonly<Record<string, number>> }> {
  const before = await readAll(watched)
  const result = await work()
  const after = await readAll(watched)
  const spent = Object.entries(after).map(([name, cpuMs]) => [name, Math.max(0, cpuMs - (before[name] ?? 0))])
  return { result, cpuMs: Object.fromEntries(spent) }
}

async function readAll(watched: Watched): Promise<Readonly<Record<string, number>>> {
  const costs = Object.entries(watched).map(async ([name, pids]) => {
    const each = await Promise.all(pids.map((pid) => cpuOf(pid)))
    return [name, each.reduce((sum, cpuMs) => sum + cpuMs, 0)] as const
  })
  return Object.fromEntries(await Promise.all(costs))
}

/** A child of Postgres may exit while its costs are read: then it retries. */
async function cpuOf(pid: number, attempt = 1): Promise<number> {
  try {
    return (await readProcessCost(pid, { tree: true })).cpuMs
  } catch (error) {
    if (attempt === ATTEMPTS_MAX) throw error
    return cpuOf(pid, attempt + 1)
  }
}
