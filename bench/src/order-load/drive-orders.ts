import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type OrderJob, type OrderReport, orderReport } from './job.ts'

const run = promisify(execFile)
const OUTPUT_BYTES_MAX = 1024 * 1024
const GENERATOR = join(import.meta.dirname, 'order-generator.ts')

/** Sends prepared orders from a separate process and returns the outcomes. */
export async function driveOrders(
  job: OrderJob,
  { directory, signal }: { readonly directory: string; readonly signal: AbortSignal },
): Promise<OrderReport> {
  const file = join(directory, 'order-job.json')
  await writeFile(file, JSON.stringify(job))
  const { stdout } = await run(process.execPath, [GENERATOR, file], { signal, maxBuffer: OUTPUT_BYTES_MAX })
  return orderReport.parse(JSON.parse(stdout))
}
