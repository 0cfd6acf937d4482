import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { postgresDataDir } from '@floodgate/local-servers'
import { endProcesses } from '@floodgate/processes'
import { StepFailure } from './failure.ts'
import { claimDataDir, removeProcesses } from './processes-file.ts'
import { runningFileOf } from './running-file.ts'
import type { SystemObserver } from './types.ts'

/** Time that an exiting supervisor gets. */
const STOPPING_MS_MAX = 12_000
const POLL_MS = 200

/**
 * Makes this process the only one that uses the data directory. Names and stops processes that a killed predecessor
 * left; reports a live one with its location.
 */
export async function lockDataDir(dataDir: string, observer: SystemObserver): Promise<void> {
  // Other users may enter the directory, but not read it: Postgres runs as its own user when this process is root. The
  // files themselves are private.
  await mkdir(dataDir, { recursive: true, mode: 0o711 })
  const deadline = performance.now() + STOPPING_MS_MAX
  for (;;) {
    const state = await claimDataDir(dataDir)
    if (state.kind === 'free') break
    if (state.kind === 'leftovers') {
      const names = state.processes.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ')
      observer.note?.(`An earlier run was killed and left these processes: ${names}. Stopping them.`)
      await endProcesses(state.processes, ['SIGTERM', 'SIGKILL'])
      await removeProcesses(dataDir)
      continue
    }
    const where = await readFile(runningFileOf(dataDir), 'utf8').catch(() => undefined)
    // Without a running file it is either still starting or already stopping.
    if (where !== undefined || performance.now() > deadline) throw alreadyRunning(dataDir, state.pid, where)
    await delay(POLL_MS)
  }
  await rm(runningFileOf(dataDir), { force: true })
}

/** Unlocks the data directory, so that the next start finds nothing to clean up. */
export async function unlockDataDir(dataDir: string): Promise<void> {
  await rm(runningFileOf(dataDir), { force: true })
  await removeProcesses(dataDir)
}

/** Deletes a data directory of a system that was stopped, and Postgres' data, which root stores elsewhere. */
export async function removeData(dataDir: string): Promise<void> {
  const postgres = await postgresDataDir(join(dataDir, 'postgres'))
  await Promise.all([postgres, dataDir].map((path) => rm(path, { recursive: true, force: true })))
}

function alreadyRunning(dataDir: string, pid: number, runningFile: string | undefined): StepFailure {
  return new StepFailure({
    what: 'Floodgate is running already',
    where: [`pid ${pid}, data in ${dataDir}`, ...pagesOf(runningFile)].join('\n'),
    why: 'It was started from this directory before. Two systems would share one database.',
    command: `kill ${pid}    (stops it within ten seconds), or FLOODGATE_DATA=${join(dataDir, '../.data-2')} npm start -- --port-base 17000`,
  })
}

function pagesOf(runningFile: string | undefined): string[] {
  try {
    const { urls } = JSON.parse(runningFile ?? '') as { urls: { buyerPage: string; console: string } }
    return [`buyer page ${urls.buyerPage}`, `console    ${urls.console}`]
  } catch {
    return ['(it has not finished its start yet)']
  }
}
