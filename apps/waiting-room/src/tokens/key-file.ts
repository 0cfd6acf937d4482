import { readFile, stat } from 'node:fs/promises'
import { ConfigurationError, type Logger } from '@floodgate/runtime'
import { type KeySet, parseKeySet } from './key-set.ts'

export interface KeyFile {
  /** Returns the newest keys that could be read. */
  current(): KeySet
  stop(): void
}

export const HOW_TO_CREATE = 'node apps/waiting-room/src/tokens/create-key-file.ts'

/** Reads keys that can sign right now: rejects a file with only future keys. */
export async function readKeyFile(path: string): Promise<KeySet> {
  const keys = await parseKeySet(await readFile(path, 'utf8'))
  keys.admissionKey(Date.now())
  keys.ticketKey(Date.now())
  return keys
}

const versionOf = async (path: string): Promise<string> => {
  const { mtimeMs, ino, size } = await stat(path)
  return `${mtimeMs}:${ino}:${size}`
}

/** Returns why a key file cannot be used, in words. */
export function reasonOf(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'there is no such file'
  return error instanceof SyntaxError ? 'it is not JSON' : String(error)
}

const readFirst = async (path: string): Promise<{ version: string; keys: KeySet }> => {
  try {
    return { version: await versionOf(path), keys: await readKeyFile(path) }
  } catch (error) {
    throw new ConfigurationError(
      `FLOODGATE_KEYS names ${path}, which cannot be used: ${reasonOf(error)}. ` +
        `Create one with: ${HOW_TO_CREATE} ${path}`,
      { cause: error },
    )
  }
}

/**
 * Reads the key file and checks every 2 s whether it changed. A broken file is logged, and the known keys stay. Throws
 * a `ConfigurationError` when there is no usable one at the start.
 */
export async function openKeyFile(
  path: string,
  log: Logger,
  { lookEveryMs = 2_000 }: { lookEveryMs?: number } = {},
): Promise<KeyFile> {
  let { version, keys } = await readFirst(path)
  const look = async () => {
    try {
      const seen = await versionOf(path)
      if (seen === version) return
      // Logged once per version, not every two seconds.
      version = seen
      keys = await readKeyFile(path)
      log.info({ kids: keys.publicJwks.keys.map((key) => key.kid) }, 'keys reloaded')
    } catch (error) {
      log.error({ error }, 'key file unreadable; known keys stay in use')
    }
  }
  const timer = setInterval(() => void look(), lookEveryMs)
  timer.unref()
  return { current: () => keys, stop: () => clearInterval(timer) }
}
