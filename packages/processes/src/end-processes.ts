import { readdir, readFile, readlink, realpath } from 'node:fs/promises'
import { pause } from '@floodgate/async'
import { isSameProcess, type ProcessIdentity, processIdentity } from './identity.ts'

const PATIENCE_MS = 5_000
const POLL_MS = 20

/**
 * Sends these signals, each five seconds after the one before, until all of the processes have exited; returns whether
 * they have. Checks each process again right before its signal, because its pid may belong to another process by then.
 */
export async function endProcesses(
  processes: readonly ProcessIdentity[],
  signals: readonly NodeJS.Signals[],
): Promise<boolean> {
  for (const signal of signals) {
    for (const identity of processes) if (await isSameProcess(identity)) signalUnlessGone(identity.pid, signal)
    const deadline = performance.now() + PATIENCE_MS
    while (performance.now() < deadline) {
      const alive = await Promise.all(processes.map(isSameProcess))
      if (!alive.includes(true)) return true
      await pause(POLL_MS)
    }
  }
  return false
}

function signalUnlessGone(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

export interface EndLeftoversOptions {
  readonly directory: string
  /** The name of the program as proc(5) `comm` shows it. */
  readonly program: string
  /** The first signal; SIGKILL follows it. */
  readonly signal: NodeJS.Signals
  readonly onProgress?: ((line: string) => void) | undefined
}

/**
 * Ends processes of an earlier run, killed by SIGKILL, that still use this data directory. Two servers on one data
 * directory destroy it, so every start calls this first. Throws when a leftover does not exit.
 */
export async function endLeftovers(options: EndLeftoversOptions): Promise<void> {
  const leftovers = await processesWorkingIn(options.directory, options.program)
  if (leftovers.length === 0) return
  const pids = leftovers.map(({ pid }) => pid).join(', ')
  options.onProgress?.(`stopping what an earlier run left in ${options.directory}: ${options.program} (${pids})`)
  if (await endProcesses(leftovers, [options.signal, 'SIGKILL'])) return
  throw new Error(`${options.program} of an earlier run (${pids}) uses ${options.directory} and cannot be stopped.`)
}

/** Returns every process of this program whose working directory is `directory`. */
export async function processesWorkingIn(directory: string, program: string): Promise<ProcessIdentity[]> {
  const target = await realpath(directory).catch(() => undefined)
  if (target === undefined) return []
  const found: ProcessIdentity[] = []
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry)
    if (!Number.isSafeInteger(pid)) continue
    // A process may exit, or change to another user, between two of these reads: then it is not ours to stop.
    if ((await readlink(`/proc/${pid}/cwd`).catch(() => undefined)) !== target) continue
    if ((await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim() !== program) continue
    const identity = await processIdentity(pid)
    if (identity !== undefined) found.push(identity)
  }
  return found
}
