import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Stops a process and its descendants with SIGSTOP: the server then accepts connections and bytes, and never responds.
 * Resolves to the function that resumes them. Includes descendants because Postgres serves its connections in child
 * processes.
 */
export async function freeze(pid: number): Promise<() => void> {
  const frozen = new Set<number>()
  // A stopped process forks no more, so that in the end no running one is left.
  for (let running = [pid]; running.length > 0; ) {
    for (const each of running) if (signal(each, 'SIGSTOP')) frozen.add(each)
    running = (await childrenOf(frozen)).filter((each) => !frozen.has(each))
  }
  return function thaw() {
    for (const each of [...frozen].reverse()) signal(each, 'SIGCONT')
  }
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false // It has exited.
  }
}

/**
 * Finds the children of all parents in one scan: Postgres has dozens of processes, and a scan takes time on a busy
 * machine.
 */
async function childrenOf(parents: ReadonlySet<number>): Promise<number[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid='])
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid, parent]) => (pid !== undefined && parents.has(parent ?? 0) ? [pid] : []))
}
