import { open, readFile, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'

const MANIFEST = 'appendonly.aof.manifest'

/**
 * Returns the size of the current append-only file in bytes. Record it, then call {@link truncateAof} to lose later
 * writes.
 */
export async function aofSize(aofDir: string): Promise<number> {
  return (await stat(await currentFile(aofDir))).size
}

/**
 * Cuts the append-only file, as a power loss may. Any size is allowed, within a command too. The server must be down.
 */
export async function truncateAof(aofDir: string, size: number): Promise<void> {
  const file = await currentFile(aofDir)
  const before = (await stat(file)).size
  if (size > before) throw new Error(`${file} has ${before} bytes: it cannot be cut to ${size}.`)
  await truncate(file, size)
}

/**
 * Cuts off the last second with a write, which `appendfsync everysec` may lose in a power failure. Returns the number of
 * bytes. The server must be down.
 */
export async function cutLastSecond(aofDir: string): Promise<number> {
  const file = await currentFile(aofDir)
  const { size } = await stat(file)
  const start = Math.max(0, size - TAIL_BYTES_MAX)
  const handle = await open(file)
  const tail = Buffer.alloc(size - start)
  try {
    await handle.read(tail, 0, tail.length, start)
  } finally {
    await handle.close()
  }
  const offset = lastSecondOffset(tail)
  if (offset === undefined) return 0
  await truncate(file, start + offset)
  return tail.length - offset
}

const TAIL_BYTES_MAX = 64 * 1024 * 1024
const SECOND_MARK = '#TS:'

/** Returns where the last second begins: at its time mark, which stands at the start of a line between two commands. */
export function lastSecondOffset(content: Buffer): number | undefined {
  if (
    content.subarray(0, SECOND_MARK.length).toString('latin1') === SECOND_MARK &&
    content.lastIndexOf(`\n${SECOND_MARK}`) < 0
  ) {
    return 0
  }
  const lineEnd = content.lastIndexOf(`\n${SECOND_MARK}`)
  return lineEnd < 0 ? undefined : lineEnd + 1
}

/** Returns the last incremental file of the manifest (`file NAME seq N type i`). Pure. */
export function incrementalFileName(manifest: string): string | undefined {
  const names = manifest.split('\n').map((line) => /^file "?(.+?)"? seq \d+ type i/.exec(line)?.[1])
  return names.findLast((name) => name !== undefined)
}

async function currentFile(aofDir: string): Promise<string> {
  const name = incrementalFileName(await readFile(join(aofDir, MANIFEST), 'utf8'))
  if (name === undefined) throw new Error(`${aofDir} names no current append-only file.`)
  return join(aofDir, name)
}
