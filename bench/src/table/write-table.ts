import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readResults } from './measured-result.ts'
import { resultTable } from './result-table.ts'

/** Writes the page over all results in a directory, and returns its path. */
export async function writeTable(directory: string): Promise<string> {
  const path = join(directory, 'README.md')
  const page = resultTable(await readResults(directory))
  await mkdir(directory, { recursive: true })
  await writeFile(path, page)
  return path
}
