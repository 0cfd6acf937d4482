import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpus, loadavg, totalmem } from 'node:os'
import { promisify } from 'node:util'

const run = promisify(execFile)
const GIB = 1024 ** 3
const CALIBRATION_MS = 300
const KIB = Buffer.alloc(1_024)

/** The conditions of a measurement, shown with every result. */
export interface Conditions {
  readonly at: string
  readonly commit: string
  readonly cores: number
  readonly cpu: string
  readonly memoryGib: number
  readonly node: string
  /** Load average of the minute before the run: above zero, other programs were running. */
  readonly loadBefore: number
  /** SHA-256 of 1 KiB, per second, on one core: how fast this machine was at that time. */
  readonly calibration: number
}

export async function readConditions(): Promise<Conditions> {
  const { stdout } = await run('git', ['describe', '--always', '--dirty'], { cwd: import.meta.dirname }).catch(() => ({
    stdout: 'unknown',
  }))
  const processors = cpus()
  return {
    at: new Date().toISOString(),
    commit: stdout.trim(),
    cores: processors.length,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    memoryGib: Math.round(totalmem() / GIB),
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
    calibration: calibrate(),
  }
}

function calibrate(): number {
  const startedAt = performance.now()
  let rounds = 0
  for (; performance.now() - startedAt < CALIBRATION_MS; rounds += 1) createHash('sha256').update(KIB).digest()
  return Math.round((rounds / (performance.now() - startedAt)) * 1_000)
}

/** Describes the conditions as a sentence under a result. */
export function describeConditions(conditions: Conditions): string {
  const { cores, cpu, memoryGib, node, loadBefore, calibration, commit, at } = conditions
  return (
    `${cores} cores (${cpu}), ${memoryGib} GiB, Node ${node}, everything on this one machine, load generator included. ` +
    `Load average before the run ${loadBefore.toFixed(2)}; calibration ${calibration} SHA-256 of 1 KiB per second and core. ` +
    `Commit ${commit}, ${at.slice(0, 10)}.`
  )
}
