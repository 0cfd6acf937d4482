import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { z } from 'zod'

export interface Journal<Entry> {
  /** What was kept before this start, the oldest first. */
  readonly entries: readonly Entry[]
  append(entry: Entry): void
  close(): void
}

function readEntries<Schema extends z.ZodType>(path: string, schema: Schema): z.infer<Schema>[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return [] // The first start.
  }
  return text.split('\n').flatMap((line) => {
    try {
      return [schema.parse(JSON.parse(line))]
    } catch {
      return [] // A line truncated by a kill: its fact was never confirmed to the client.
    }
  })
}

/**
 * Opens a file of one JSON line per fact, written before the response is sent, so that a killed and restarted simulator
 * still knows its facts. Without a path nothing is kept.
 */
export function openJournal<Schema extends z.ZodType>(
  path: string | undefined,
  schema: Schema,
): Journal<z.infer<Schema>> {
  if (path === undefined) return { entries: [], append: () => {}, close: () => {} }
  mkdirSync(dirname(path), { recursive: true })
  const entries = readEntries(path, schema)
  const file = openSync(path, 'a', 0o600)
  // Ends a truncated line, so that it does not swallow the next one.
  writeSync(file, '\n')
  return {
    entries,
    append: (entry) => void writeSync(file, `${JSON.stringify(entry)}\n`),
    close: () => closeSync(file),
  }
}
