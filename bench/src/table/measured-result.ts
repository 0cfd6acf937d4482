import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** The part of a result file that the table reads; its details belong to the result page. */
const measuredResult = z.object({
  name: z.string(),
  title: z.string(),
  conditions: z.object({
    at: z.string(),
    commit: z.string(),
    cores: z.number(),
    cpu: z.string(),
    memoryGib: z.number(),
    node: z.string(),
    loadBefore: z.number(),
    calibration: z.number(),
  }),
  thresholds: z.array(
    z.object({
      what: z.string(),
      threshold: z.string(),
      measured: z.string(),
      reached: z.boolean(),
      kind: z.enum(['ratio', 'absolute']),
    }),
  ),
  faults: z.array(z.string()),
})
export type MeasuredResult = z.infer<typeof measuredResult>

/**
 * Reads all results in a directory, by name; none when it does not exist. Throws when a file is not a result.
 */
export async function readResults(directory: string): Promise<MeasuredResult[]> {
  const files = await readdir(directory).catch(noneWhenMissing)
  const names = files.filter((file) => file.endsWith('.json')).sort()
  return Promise.all(
    names.map(async (file) => measuredResult.parse(JSON.parse(await readFile(join(directory, file), 'utf8')))),
  )
}

function noneWhenMissing(error: unknown): string[] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
  throw error
}
