import { setTimeout as delay } from 'node:timers/promises'
import type { System } from '@floodgate/dev/system'
import type { BenchRun } from '../bench.ts'
import type { Load } from '../load/wrk.ts'
import { cpuMsOf, type Measured, measureLoad } from './measure-load.ts'

const SECOND = 1_000
const LOOKS_MAX = 240
/** Joins until a process' code is compiled: the CPU per join falls from 300 µs to 100 µs. */
const WARM_JOINS_EACH = 10_000
const WARM_GOES_MAX = 8

export interface JoinedByAll {
  readonly workers: number
  readonly connections: number
  readonly measured: readonly Measured[]
  /** Made before the measurement, while code was not compiled yet: counted, but not measured. */
  readonly warmUp: readonly Measured[]
  /** Cores in use during the joins, by user. */
  readonly cores: { readonly waitingRoom: number; readonly redis: number; readonly generator: number }
}

/**
 * Measures joins into several processes behind one port, which each do their usual other work: ticks and snapshots.
 */
export async function joinByAll(parts: {
  readonly run: BenchRun<{ readonly rounds: number; readonly workers: number }>
  readonly system: System
  readonly load: Load
}): Promise<JoinedByAll> {
  const { run, system, load } = parts
  const { workers, rounds } = run.values
  run.progress(`${workers} processes of the waiting room`)
  await system.restartApp('waiting-room', { environment: { WORKERS: String(workers) } })
  await untilAllRespond(system.urls.operations.waitingRoom, workers)
  const go = () => measureLoad(load, { pids: system.pidsOf('waiting-room'), directory: run.directory })
  const warmUp: Measured[] = []
  const isWarm = () => warmUp.reduce((sum, { requests }) => sum + requests, 0) >= WARM_JOINS_EACH * workers
  while (!run.small && !isWarm() && warmUp.length < WARM_GOES_MAX) warmUp.push(await go())
  const measured: Measured[] = []
  const redisBefore = await cpuMsOf(system.pidsOf('redis'))
  let ms = 0
  for (let round = 1; round <= rounds; round += 1) {
    run.signal.throwIfAborted()
    const startedAt = performance.now()
    measured.push(await go())
    ms += performance.now() - startedAt
    run.progress(`round ${round} of ${rounds}: ${Math.round(measured.at(-1)?.requestsPerSecond ?? 0)} joins/s together`)
  }
  const redisMs = (await cpuMsOf(system.pidsOf('redis'))) - redisBefore
  const roomMs = measured.reduce((sum, each) => sum + (each.cpuMicrosecondsPerRequest * each.requests) / SECOND, 0)
  const generator = measured.reduce((sum, each) => sum + each.generatorShare, 0) / measured.length
  const { connections } = load
  return { workers, connections, measured, warmUp, cores: { waitingRoom: roomMs / ms, redis: redisMs / ms, generator } }
}

/** Waits until the expected number of processes responds. Throws when it differs for two minutes. */
async function untilAllRespond(operations: string, workers: number): Promise<void> {
  let responding = 1
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const metrics = await (await fetch(`${operations}/metrics`)).text()
    responding = Number(/^floodgate_workers\{state="answering"[^}]*\} (\d+)$/m.exec(metrics)?.[1] ?? 1)
    if (responding === workers) return
    await delay(SECOND / 2)
  }
  throw new Error(`${workers} processes were requested and ${responding} respond.`)
}
