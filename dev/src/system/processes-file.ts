import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSameProcess, processIdentity } from '@floodgate/processes'
import { z } from 'zod'

/**
 * `processes.json` in the data directory: the processes that use it, by pid and start time, so that the next start can
 * distinguish leftovers from other processes with the same pid.
 */
const identity = z.object({ name: z.string(), pid: z.int().positive(), startTime: z.number() })
const processesFile = z.object({ supervisor: identity, children: z.array(identity) })
type NamedProcess = z.infer<typeof identity>

const fileOf = (dataDir: string): string => join(dataDir, 'processes.json')

/** Replaces the list by rename, so that a reader never sees half of it. */
export async function writeProcesses(dataDir: string, pids: ReadonlyMap<string, number>): Promise<void> {
  await rename(await writeUnfinished(dataDir, pids), fileOf(dataDir))
}

async function writeUnfinished(dataDir: string, pids: ReadonlyMap<string, number>): Promise<string> {
  const identities = await Promise.all(
    [...pids].map(async ([name, pid]) => ({ name, identity: await processIdentity(pid) })),
  )
  const children = identities.flatMap(({ name, identity }) => (identity === undefined ? [] : [{ name, ...identity }]))
  const own = await processIdentity(process.pid)
  const path = `${fileOf(dataDir)}.${process.pid}`
  const content = { supervisor: { name: 'supervisor', ...own }, children }
  await writeFile(path, JSON.stringify(content), { mode: 0o600 })
  return path
}

export async function removeProcesses(dataDir: string): Promise<void> {
  await rm(fileOf(dataDir), { force: true })
}

export type DataDirState =
  | { readonly kind: 'free' }
  /** Another supervisor is running. */
  | { readonly kind: 'running'; readonly pid: number }
  /** The supervisor is gone (a SIGKILL), but these of its children are not. */
  | { readonly kind: 'leftovers'; readonly processes: readonly NamedProcess[] }

/** Reads which processes use this data directory. */
export async function readDataDirState(dataDir: string): Promise<DataDirState> {
  const text = await readFile(fileOf(dataDir), 'utf8').catch(() => '')
  const parsed = processesFile.safeParse(parseJson(text))
  if (!parsed.success) return { kind: 'free' }
  const { supervisor, children } = parsed.data
  if (supervisor.pid !== process.pid && (await isSameProcess(supervisor)))
    return { kind: 'running', pid: supervisor.pid }
  const alive = await Promise.all(children.map(async (each) => ((await isSameProcess(each)) ? [each] : [])))
  const processes = alive.flat()
  return processes.length === 0 ? { kind: 'free' } : { kind: 'leftovers', processes }
}

/**
 * Makes this process the directory's supervisor, unless another one is: `free` means that it is the supervisor now. A
 * link either creates the file or fails, so one of two concurrent starts finds the other.
 */
export async function claimDataDir(dataDir: string): Promise<DataDirState> {
  const path = await writeUnfinished(dataDir, new Map())
  try {
    for (;;) {
      const linked = await link(path, fileOf(dataDir)).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return false
          throw error
        },
      )
      if (linked) return { kind: 'free' }
      const state = await readDataDirState(dataDir)
      if (state.kind !== 'free') return state
      await removeProcesses(dataDir)
    }
  } finally {
    await rm(path, { force: true })
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
