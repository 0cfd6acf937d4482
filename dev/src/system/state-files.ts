import { createSerialRun } from '@floodgate/async'
import { unlockDataDir } from './data-directory.ts'
import { writeProcesses } from './processes-file.ts'
import { type RunningFile, writeRunningFile } from './running-file.ts'

/** Keeps `processes.json` and, once published, `running.json` up to date. */
export interface StateFiles {
  /** Called when a process id changed: writes both files again, one write at a time. */
  changed(): void
  /** Creates the running file; resolves once it is written. */
  publish(describe: () => RunningFile): Promise<void>
  /** Removes both files. */
  close(): Promise<void>
}

export function maintainStateFiles(options: {
  readonly dataDir: string
  pids(): ReadonlyMap<string, number>
  onChanged(): void
  onTrouble(line: string): void
}): StateFiles {
  const { dataDir } = options
  let describe: (() => RunningFile) | undefined
  let closed = false

  async function write(): Promise<void> {
    if (closed) return
    try {
      await writeProcesses(dataDir, options.pids())
      if (describe !== undefined) await writeRunningFile(dataDir, describe())
      options.onChanged()
    } catch (error) {
      options.onTrouble(`${dataDir} cannot be written: ${String(error)}`)
    }
  }
  const writing = createSerialRun(write)
  return {
    changed: writing.run,
    async publish(describeRunning) {
      describe = describeRunning
      writing.run()
      await writing.settled()
    },
    async close() {
      closed = true
      await writing.settled()
      await unlockDataDir(dataDir)
    },
  }
}
