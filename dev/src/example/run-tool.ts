import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { nodeBinary } from '../system/node-process.ts'

const run = promisify(execFile)
const TOOL_MS_MAX = 10 * 60_000
const OUTPUT_BYTES_MAX = 10_000_000
const LAST_LINES = 15

/** Returns our environment with the repository's own Node first in `PATH`: npm and the tools of a shop need it. */
export function environmentOfTools(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${dirname(nodeBinary)}:${process.env.PATH}`, NEXT_TELEMETRY_DISABLED: '1' }
}

/** Runs a program to its end. Throws an error with its last lines of output where it fails. */
export async function runTool(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const limits = { timeout: TOOL_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX }
  try {
    await run(command, [...args], { ...limits, ...options, env: environmentOfTools() })
  } catch (error) {
    options.signal?.throwIfAborted()
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    const lines = `${stdout}\n${stderr}`.trim().split('\n').slice(-LAST_LINES)
    throw new Error([`${command} ${args.join(' ')} failed`, ...lines].join('\n'), { cause: error })
  }
}
