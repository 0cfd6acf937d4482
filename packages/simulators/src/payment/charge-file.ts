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
    return [] // A line cut short by a kill: its charge was never answered.
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
 * One JSON line per fact, written before the answer goes out, so that a killed and restarted simulator still knows what
 * it charged. Without a path nothing is kept.
 */
export function openChargeFile(path: string | undefined): ChargeFile {
  if (path === undefined) return { entries: [], append: () => {}, close: () => {} }
  mkdirSync(dirname(path), { recursive: true })
  const entries = readEntries(path)
  const file = openSync(path, 'a', 0o600)
  // Ends a line that was cut short, so that it does not swallow the next one.
  writeSync(file, '\n')
  return {
    entries,
    append: (entry) => void writeSync(file, `${JSON.stringify(entry)}\n`),
    close: () => closeSync(file),
  }
}
