import { vacate } from './data-directory.ts'
import { writeProcesses } from './processes-file.ts'
import { type RunningFile, writeRunningFile } from './running-file.ts'

/** Keeps `processes.json` and, once published, `running.json` true to what runs. */
export type Bookkeeping = {
  /** A process id changed: both files are written again, one writing at a time. */
  changed(): void
  /** From now on there is a running file; resolves once it is written. */
  publish(describe: () => RunningFile): Promise<void>
  /** Removes both files. */
  close(): Promise<void>
}

export function keepBooks(options: {
  readonly dataDir: string
  readonly pids: () => ReadonlyMap<string, number>
  readonly onChanged: () => void
  readonly onTrouble: (line: string) => void
}): Bookkeeping {
  const { dataDir } = options
  let describe: (() => RunningFile) | undefined
  let closed = false
  let writing: Promise<void> = Promise.resolve()

  const write = async (): Promise<void> => {
    if (closed) return
    await writeProcesses(dataDir, options.pids())
    if (describe !== undefined) await writeRunningFile(dataDir, describe())
    options.onChanged()
  }
  const changed = (): void => {
    writing = writing
      .then(write)
      .catch((error: unknown) => options.onTrouble(`${dataDir} can not be written: ${String(error)}`))
  }
  return {
    changed,
    async publish(describeRunning) {
      describe = describeRunning
      changed()
      await writing
    },
    async close() {
      closed = true
      await writing
      await vacate(dataDir)
    },
  }
}
