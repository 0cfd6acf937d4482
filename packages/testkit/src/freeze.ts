import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Stops a process and its descendants with SIGSTOP: a server that accepts connections and bytes, and never answers. Resolves
 * with what lets them go on. Postgres serves its connections by child processes.
 */
export async function freeze(pid: number): Promise<() => void> {
  const frozen: number[] = []
  async function stop(each: number): Promise<void> {
    if (!signal(each, 'SIGSTOP')) return
    frozen.push(each)
    for (const child of await childrenOf(each)) await stop(child)
  }
  await stop(pid)
  return function thaw() {
    for (const each of frozen.reverse()) signal(each, 'SIGCONT')
  }
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false // It has ended.
  }
}

async function childrenOf(pid: number): Promise<number[]> {
  try {
    const { stdout } = await run('pgrep', ['-P', String(pid)])
    return stdout.trim().split('\n').map(Number)
  } catch {
    return [] // Without a match pgrep fails.
  }
}
