import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type OrderJob, type OrderReport, orderReport } from './job.ts'

const run = promisify(execFile)
const OUTPUT_BYTES_MAX = 1024 * 1024
const GENERATOR = join(import.meta.dirname, 'order-generator.ts')

/** Sends the requests of a job from a separate process and returns the outcomes. */
export async function driveOrders(
  job: OrderJob,
  { directory, signal }: { readonly directory: string; readonly signal: AbortSignal },
): Promise<OrderReport> {
  // A file of its own, since two jobs may overlap.
  const file = join(directory, `${randomUUID()}.json`)
  await writeFile(file, JSON.stringify(job))
  const { stdout } = await run(process.execPath, [GENERATOR, file], { signal, maxBuffer: OUTPUT_BYTES_MAX })
  return orderReport.parse(JSON.parse(stdout))
}
