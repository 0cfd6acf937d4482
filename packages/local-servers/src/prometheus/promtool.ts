import { run } from '../apt.ts'
import { requirePrometheusProgram } from './install.ts'

const RUN_MS_MAX = 5 * 60_000

/** Runs promtool and returns its output; throws with that output when it fails. */
export async function runPromtool(args: readonly string[]): Promise<string> {
  return await run([await requirePrometheusProgram('promtool'), ...args], RUN_MS_MAX)
}
