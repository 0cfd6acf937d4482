import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A directory for one test run or one test file. */
export interface TemporaryDirectory {
  readonly path: string
  remove(): Promise<void>
}

/** Creates an empty directory that every user may enter, since Postgres does not run as root. */
export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'floodgate-test-'))
  await chmod(path, 0o711)
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}
