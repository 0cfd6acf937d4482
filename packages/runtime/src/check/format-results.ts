import type { CheckResult } from './run-checks.ts'

const STATE_WIDTH = 'warning'.length

/** Returns one line for each check: its state, the connection, its setting, and what is wrong and what to do. Pure. */
export function formatResults(results: readonly CheckResult[]): string {
  const nameWidth = Math.max(0, ...results.map(({ name }) => name.length))
  const settingWidth = Math.max(0, ...results.map(({ setting }) => setting.length))
  return results
    .map(({ name, setting, finding }) => {
      const words =
        finding.kind === 'ok' ? (finding.detail ?? '') : `${finding.problem.replace(/\.$/, '')}. ${finding.advice}`
      const columns = [finding.kind.padEnd(STATE_WIDTH), name.padEnd(nameWidth), setting.padEnd(settingWidth), words]
      return `${columns
        .join('  ')
        .replace(/\s*[\r\n]+\s*/g, ' ')
        .trimEnd()}\n`
    })
    .join('')
}

/** Returns the results as one JSON document: `{ app, ok, checks: [{ name, setting, state, detail | problem, advice }] }`. */
export function resultsAsJson(app: string, results: readonly CheckResult[]): string {
  const checks = results.map(({ name, setting, finding: { kind, ...words } }) => ({
    ...{ name, setting, state: kind },
    ...words,
  }))
  return `${JSON.stringify({ app, ok: succeeded(results), checks })}\n`
}

/** Tells whether no check failed. A warning is no failure. */
export function succeeded(results: readonly CheckResult[]): boolean {
  return results.every(({ finding }) => finding.kind !== 'failed')
}
