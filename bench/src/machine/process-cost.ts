import { readdir, readFile } from 'node:fs/promises'

/** Linux counts CPU time in hundredths of a second for every process (`USER_HZ`). */
const TICK_MS = 10
const PAGE_KIB = 4
/** Number of repeated reads; after them a child that has just exited is omitted. */
const LOOKS_MAX = 5

export interface ProcessCost {
  readonly cpuMs: number
  readonly residentKib: number
}

/**
 * Reads CPU time so far and resident memory of a process, from `/proc`. With `tree` includes its children, CPU time
 * also of those that have exited and were waited for, so that it never falls while a server's children come and go.
 * Rejects when the process does not exist.
 */
export async function readProcessCost(pid: number, options: { readonly tree?: boolean } = {}): Promise<ProcessCost> {
  for (let look = 1; ; look += 1) {
    const children = options.tree === true ? await descendantsOf(pid) : []
    const readChild = (child: number) => readOne(child, options).catch(() => undefined)
    const [own, ...others] = await Promise.all([readOne(pid, options), ...children.map(readChild)])
    const costs = [own, ...others.filter((cost) => cost !== undefined)]
    // The CPU time of a child that has just exited may not be counted anywhere yet.
    if (costs.length <= children.length && look < LOOKS_MAX) continue
    return {
      cpuMs: costs.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      residentKib: costs.reduce((sum, { residentKib }) => sum + residentKib, 0),
    }
  }
}

async function readOne(pid: number, { tree = false }: { readonly tree?: boolean }): Promise<ProcessCost> {
  const [stat, statm] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/statm`, 'utf8'),
  ])
  // utime and stime, then cutime and cstime (proc_pid_stat(5)).
  const ticks = fieldsOf(stat).slice(11, tree ? 15 : 13)
  return {
    cpuMs: ticks.reduce((sum, each) => sum + Number(each), 0) * TICK_MS,
    residentKib: Number(statm.split(' ')[1]) * PAGE_KIB,
  }
}

/** Returns the fields behind the command's name, which may itself contain blanks and brackets: state, parent, … */
const fieldsOf = (stat: string): string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ')

async function descendantsOf(pid: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const parents = await Promise.all(
    pids.map(async (id) => {
      const stat = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '')
      return { id, parent: Number(fieldsOf(stat)[1]) }
    }),
  )
  const found = new Set([pid])
  for (let before = 0; before !== found.size; ) {
    before = found.size
    for (const { id, parent } of parents) if (found.has(parent)) found.add(id)
  }
  found.delete(pid)
  return [...found]
}
