import type { Need } from '@floodgate/local-servers'
import type { PartResult } from './run-part.ts'

export interface LeftOut {
  readonly part: string
  readonly need: Need
  readonly why: string
  readonly required: boolean
}

/** Formats the end of `npm test`; the totals stand alone in the last line. Pure. */
export function closingReport(results: readonly PartResult[], leftOut: readonly LeftOut[]): string {
  const rows = [
    ['part', 'passed', 'failed', 'seconds', ''],
    ...results.map(({ name, passed, failed, seconds, note }) => [
      name,
      String(passed),
      String(failed),
      seconds.toFixed(1),
      note,
    ]),
    ...leftOut.map(({ part, need, required }) => [
      part,
      '–',
      required ? '1' : '–',
      '–',
      `not run: ${need} is missing${required ? ', and FLOODGATE_REQUIRE names it' : ''}`,
    ]),
  ]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const reasons = [...new Map(leftOut.map(({ need, why }) => [need, `${need}: ${why}`])).values()]
  const failures = results.flatMap((result) => result.failures)
  const { passed, failed } = totals(results, leftOut)
  return [
    '',
    ...table,
    ...(failures.length === 0
      ? []
      : ['', 'What failed:', ...failures.map((failure) => `✗ ${failure.replaceAll('\n', '\n    ')}`)]),
    ...(reasons.length === 0 ? [] : ['', ...reasons]),
    '',
    `${passed} passed, ${failed} failed`,
  ].join('\n')
}

export function totals(
  results: readonly PartResult[],
  leftOut: readonly LeftOut[],
): { passed: number; failed: number } {
  const passed = results.reduce((sum, each) => sum + each.passed, 0)
  const failed = results.reduce((sum, each) => sum + each.failed, 0)
  return { passed, failed: failed + leftOut.filter(({ required }) => required).length }
}
