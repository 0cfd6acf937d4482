import { createWriteStream, type WriteStream } from 'node:fs'
import { mkdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProcessName } from './types.ts'

const MEBIBYTE = 1024 * 1024
const ROTATE_AT_BYTES = 64 * MEBIBYTE

export interface LogFiles {
  /** Appends a line of a process' output. Wraps other text (a crash's last output), so that every line is JSON. */
  write(name: ProcessName, line: string): void
  close(): Promise<void>
}

/**
 * Opens `logs/<name>.jsonl` in the data directory, all replicas of an app in one; a large one is renamed at the start,
 * once.
 */
export async function openLogFiles(dataDir: string): Promise<LogFiles> {
  const directory = join(dataDir, 'logs')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const streams = new Map<ProcessName, WriteStream>()
  for (const name of ['waiting-room', 'order-core', 'payment-worker', 'notifier'])
    await setAsideWhenLarge(join(directory, `${name}.jsonl`))

  const streamOf = (name: ProcessName): WriteStream => {
    const known = streams.get(name)
    if (known !== undefined) return known
    const stream = createWriteStream(join(directory, `${name}.jsonl`), { flags: 'a', mode: 0o600 })
    // A full disk must not end the system; the terminal still shows the lines.
    stream.on('error', () => undefined)
    streams.set(name, stream)
    return stream
  }
  return {
    write: (name, line) => void streamOf(name).write(`${asJsonLine(name, line)}\n`),
    async close() {
      await Promise.all([...streams.values()].map((stream) => new Promise((closed) => stream.end(closed))))
    },
  }
}

function asJsonLine(name: string, line: string): string {
  if (line.startsWith('{') && line.endsWith('}')) return line
  return JSON.stringify({ level: 'info', time: new Date().toISOString(), app: name, message: line, raw: true })
}

async function setAsideWhenLarge(path: string): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  )
  if (size > ROTATE_AT_BYTES) await rename(path, path.replace(/\.jsonl$/, '.previous.jsonl'))
}
