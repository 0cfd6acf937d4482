import { readdir, readFile, readlink, realpath } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { isSameProcess, type ProcessIdentity, processIdentity } from './identity.ts'

export type StopLeftoversOptions = {
  readonly directory: string
  /** The name of the program as proc(5) `comm` shows it. */
  readonly program: string
  /** The polite signal; whoever is still there after five seconds is killed. */
  readonly signal: NodeJS.Signals
  readonly onProgress?: ((line: string) => void) | undefined
}

const POLITE_MS = 5_000
const KILLED_MS = 5_000
const POLL_MS = 20

/**
 * Stops what an earlier run, ended by SIGKILL, left working on this data directory. Two servers on one data directory
 * destroy it, so a start goes through here first. Throws when a leftover does not go.
 */
export async function stopLeftovers(options: StopLeftoversOptions): Promise<void> {
  const leftovers = await processesWorkingIn(options.directory, options.program)
  if (leftovers.length === 0) return
  const pids = leftovers.map(({ pid }) => pid).join(', ')
  options.onProgress?.(`stopping what an earlier run left in ${options.directory}: ${options.program} (${pids})`)
  await signalAll(leftovers, options.signal)
  if (await allGone(leftovers, POLITE_MS)) return
  await signalAll(leftovers, 'SIGKILL')
  if (await allGone(leftovers, KILLED_MS)) return
  throw new Error(
    `${options.program} of an earlier run (${pids}) works in ${options.directory} and can not be stopped.`,
  )
}

/** Every process of this program whose working directory is `directory`. */
export async function processesWorkingIn(directory: string, program: string): Promise<ProcessIdentity[]> {
  const target = await realpath(directory).catch(() => undefined)
  if (target === undefined) return []
  const found: ProcessIdentity[] = []
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry)
    if (!Number.isSafeInteger(pid)) continue
    // A process may be gone, or be another user's, between two of these reads: then it is not ours to stop.
    if ((await readlink(`/proc/${pid}/cwd`).catch(() => undefined)) !== target) continue
    if ((await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim() !== program) continue
    const identity = await processIdentity(pid)
    if (identity !== undefined) found.push(identity)
  }
  return found
}

async function signalAll(processes: readonly ProcessIdentity[], signal: NodeJS.Signals): Promise<void> {
  for (const identity of processes) {
    if (!(await isSameProcess(identity))) continue
    try {
      process.kill(identity.pid, signal)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    }
  }
}

async function allGone(processes: readonly ProcessIdentity[], withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const alive = await Promise.all(processes.map(isSameProcess))
    if (!alive.includes(true)) return true
    if (performance.now() > deadline) return false
    await delay(POLL_MS)
  }
}
