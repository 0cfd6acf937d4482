import { mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './apt.ts'
import { MissingServer } from './errors.ts'

const COMMAND_MS_MAX = 10_000

/** Tells whether this process may mount a file system: root may, except in an unprivileged container. */
export async function mayMount(): Promise<boolean> {
  const path = await mkdtemp(join(tmpdir(), 'floodgate-mount-'))
  try {
    await run(['mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path], COMMAND_MS_MAX)
    await run(['umount', path], COMMAND_MS_MAX)
    return true
  } catch {
    return false
  } finally {
    await rmdir(path).catch(() => undefined)
  }
}

/** Throws, since no package can grant this right. */
export async function failToMount(): Promise<void> {
  throw new MissingServer('No file system can be mounted here. Run as root, outside of an unprivileged container.')
}
