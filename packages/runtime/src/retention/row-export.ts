import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/**
 * Writes rows, each one line of JSON, to a new file, and resolves once they are on disk. Called before the rows are
 * deleted: when it rejects, nothing may be deleted. `table` is "schema.table".
 */
export type ExportRows = (table: string, rows: readonly string[]) => Promise<void>

export interface RowExport {
  /** Rejects when the directory cannot be written to. */
  check(): Promise<void>
  readonly write: ExportRows
  /** False: no directory is configured, so rows need not be read. */
  readonly isOn: boolean
}

const OWNER_ONLY = 0o600
const compress = promisify(gzip)
/**
 * Errors of a directory that is missing, not a directory, or not writable: waiting does not help, unlike for a full or
 * unresponsive disk.
 */
const settingFaults: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG'])

export function isSettingFault(error: unknown): boolean {
  return error instanceof Error && 'code' in error && settingFaults.has(error.code)
}

/** Creates the export; without a directory it exports nothing. */
export function createRowExport(directory: string | undefined): RowExport {
  if (directory === undefined) return { check: async () => undefined, write: async () => undefined, isOn: false }
  async function write(name: string, content: Uint8Array): Promise<void> {
    const path = join(directory as string, name)
    const part = `${path}.part`
    try {
      const file = await open(part, 'wx', OWNER_ONLY)
      try {
        await file.writeFile(content)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(part, path)
      await syncDirectory(directory as string)
    } catch (error) {
      // A partial file is never read: exports end in `.gz`.
      await rm(part, { force: true }).catch(() => undefined)
      throw error
    }
  }
  return {
    async check() {
      const name = `.writable-${randomUUID()}`
      await write(name, Buffer.from('floodgate'))
      await rm(join(directory, name))
    },
    async write(table, rows) {
      if (rows.length === 0) return
      const at = new Date().toISOString().replaceAll(':', '-')
      await write(`${table}.${at}.${randomUUID()}.jsonl.gz`, await compress(`${rows.join('\n')}\n`))
    },
    isOn: true,
  }
}

/** Syncs the directory; only then is the new name durable. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
