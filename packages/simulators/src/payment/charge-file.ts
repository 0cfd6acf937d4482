import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { type BookEntry, bookEntry } from './charge-book.ts'

export interface ChargeFile {
  readonly entries: readonly BookEntry[]
  append(entry: BookEntry): void
  close(): void
}

const parseLine = (line: string): BookEntry[] => {
  try {
    return [bookEntry.parse(JSON.parse(line))]
  } catch {
    return [] // A line truncated by a kill: its charge was never confirmed to the client.
  }
}

const readEntries = (path: string): BookEntry[] => {
  try {
    return readFileSync(path, 'utf8').split('\n').flatMap(parseLine)
  } catch {
    return [] // The first start.
  }
}

/**
 * Opens a file of one JSON line per fact, written before the response is sent, so that a killed and restarted simulator
 * still knows its charges. Without a path nothing is kept.
 */
export function openChargeFile(path: string | undefined): ChargeFile {
  if (path === undefined) return { entries: [], append: () => {}, close: () => {} }
  mkdirSync(dirname(path), { recursive: true })
  const entries = readEntries(path)
  const file = openSync(path, 'a', 0o600)
  // Ends a truncated line, so that it does not swallow the next one.
  writeSync(file, '\n')
  return {
    entries,
    append: (entry) => void writeSync(file, `${JSON.stringify(entry)}\n`),
    close: () => closeSync(file),
  }
}
