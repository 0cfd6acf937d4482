import { drive, type Load } from '../load/wrk.ts'
import { readProcessCost } from '../machine/process-cost.ts'

/** One run of the load generator against one server. */
export interface Measured {
  readonly requestsPerSecond: number
  readonly requests: number
  readonly failures: number
  /** The load generator's share of one core. */
  readonly generatorShare: number
  /** CPU of the server's processes with their children, including background work. */
  readonly cpuMicrosecondsPerRequest: number
}

/** Runs `load` and reads its cost in the server's processes. */
export async function measureLoad(
  load: Load,
  server: { readonly pids: readonly number[]; readonly directory: string },
): Promise<Measured> {
  const before = await cpuMsOf(server.pids)
  const { requestsPerSecond, requests, failures, generatorShare } = await drive(load, server.directory)
  const cpuMs = (await cpuMsOf(server.pids)) - before
  const cpuMicrosecondsPerRequest = (cpuMs * 1_000) / Math.max(1, requests)
  return { requestsPerSecond, requests, failures, generatorShare, cpuMicrosecondsPerRequest }
}

/** Returns the CPU time so far of processes and their children. */
export async function cpuMsOf(pids: readonly number[]): Promise<number> {
  const costs = await Promise.all(pids.map((pid) => readProcessCost(pid, { tree: true })))
  return costs.reduce((sum, { cpuMs }) => sum + cpuMs, 0)
}
