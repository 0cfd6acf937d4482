import { readFile, stat } from 'node:fs/promises'
import type { Logger } from '@floodgate/service'
import { type KeySet, parseKeySet } from './key-set.ts'

const lookEveryMs = 2_000

export interface KeyFile {
  /** The newest keys that could be read. */
  readonly current: () => KeySet
  readonly stop: () => void
}

/** Reads the key file and looks every 2 s whether it changed. A file that got broken is logged, and the known keys stay. */
export const openKeyFile = async (path: string, log: Logger): Promise<KeyFile> => {
  const versionOf = async () => {
    const { mtimeMs, ino, size } = await stat(path)
    return `${mtimeMs}:${ino}:${size}`
  }
  let version = await versionOf()
  let keys = await parseKeySet(await readFile(path, 'utf8'))
  const look = async () => {
    try {
      const seen = await versionOf()
      if (seen === version) return
      keys = await parseKeySet(await readFile(path, 'utf8'))
      version = seen
      log.info({ kids: keys.publicJwks.keys.map((key) => key.kid) }, 'keys read again')
    } catch (error) {
      log.error({ error }, 'the key file can not be read; the keys known so far go on being used')
    }
  }
  const timer = setInterval(() => void look(), lookEveryMs)
  timer.unref()
  return { current: () => keys, stop: () => clearInterval(timer) }
}
