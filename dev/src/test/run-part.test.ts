import { expect, test } from 'vitest'
import { countsOf } from './run-part.ts'

const report = (numPassedTests: number, numFailedTests: number): string =>
  JSON.stringify({ numPassedTests, numFailedTests })

test.each([
  ['all passed', report(7, 0), 0, { passed: 7, failed: 0 }],
  ['two failed', report(5, 2), 1, { passed: 5, failed: 2 }],
  ['an error outside any test', report(7, 0), 1, { passed: 7, failed: 1 }],
  ['no test was found', report(0, 0), 0, { passed: 0, failed: 1 }],
  ['ended before its report', '', 1, { passed: 0, failed: 1 }],
  ['ended before its report, and calmly', '', 0, { passed: 0, failed: 1 }],
  ['ended within its report', '{"numPassed', 137, { passed: 0, failed: 1 }],
])('%s', (_, text, exitCode, counts) => {
  expect(countsOf(text, exitCode)).toEqual(counts)
})
