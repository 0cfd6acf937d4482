import { raceSignal } from '@floodgate/async'
import { type ConnectionCheck, type Finding, failed } from './connection-check.ts'
import { failedConnection } from './failed-connection.ts'

/** How long a check may take: longer than a slow connection needs, and short for a person who waits. */
const CHECK_MS_MAX = 5_000

export interface CheckResult {
  readonly name: string
  readonly setting: string
  readonly finding: Finding
}

/**
 * Runs all checks side by side and resolves with their results, in their order, after `msMax` at the latest: a server
 * that accepts the connection and never responds counts as failed. Never rejects.
 */
export async function runChecks(
  checks: readonly ConnectionCheck[],
  { msMax = CHECK_MS_MAX }: { readonly msMax?: number } = {},
): Promise<readonly CheckResult[]> {
  return Promise.all(
    checks.map(async (check) => {
      const { name, setting } = check
      return { name, setting, finding: await findingOf(check, AbortSignal.timeout(msMax), msMax) }
    }),
  )
}

async function findingOf(check: ConnectionCheck, signal: AbortSignal, msMax: number): Promise<Finding> {
  try {
    return await raceSignal(
      Promise.try(() => check.run(signal)),
      signal,
    )
  } catch (error) {
    if (!signal.aborted) return failedConnection(error, check.setting)
    return failed(
      `no response within ${msMax / 1_000} s`,
      `Compare host and port of ${check.setting} with the server, and look whether it hangs.`,
    )
  }
}
