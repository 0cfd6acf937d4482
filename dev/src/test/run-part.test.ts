import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repository } from '../system/node-process.ts'
import { countsOf, runPart } from './run-part.ts'

const report = (numPassedTests: number, numFailedTests: number): string =>
  JSON.stringify({
    numPassedTests,
    numFailedTests,
    testResults: [
      {
        name: join(repository, 'apps/some.test.ts'),
        status: numFailedTests > 0 ? 'failed' : 'passed',
        message: '',
        assertionResults: [
          { fullName: 'it holds', status: 'passed', failureMessages: [] },
          ...Array.from({ length: numFailedTests }, (_, index) => ({
            fullName: `it breaks ${index}`,
            status: 'failed',
            failureMessages: ['AssertionError: 1 is not 2\n    at some.test.ts:3'],
          })),
        ],
      },
    ],
  })

test.each([
  ['all passed', report(7, 0), 0, { passed: 7, failed: 0 }],
  ['two failed', report(5, 2), 1, { passed: 5, failed: 2 }],
  ['an error outside any test', report(7, 0), 1, { passed: 7, failed: 1 }],
  ['no test was found', report(0, 0), 0, { passed: 0, failed: 1 }],
  ['ended before its report', '', 1, { passed: 0, failed: 1 }],
  ['ended before its report, and calmly', '', 0, { passed: 0, failed: 1 }],
  ['ended within its report', '{"numPassed', 137, { passed: 0, failed: 1 }],
])('%s', (_, text, exitCode, counts) => {
  expect(countsOf(text, exitCode)).toMatchObject(counts)
})

test('a failure is named with its file and its message, without the stack', () => {
  expect(countsOf(report(5, 2), 1).failures).toEqual([
    'apps/some.test.ts: it breaks 0: AssertionError: 1 is not 2',
    'apps/some.test.ts: it breaks 1: AssertionError: 1 is not 2',
  ])
  expect(countsOf(report(5, 0), 0).failures).toEqual([])
})

test('the last output of an app that died is part of the failure, in bounds', () => {
  const message = `Error: payment-worker died: its last output:\n${'{"message":"fatal"}\n'.repeat(30)}    at start.ts:1`
  const file = { name: join(repository, 'stories/turns.story.ts'), status: 'failed', assertionResults: [], message }
  const [failure = ''] = countsOf(JSON.stringify({ ...JSON.parse(report(5, 0)), testResults: [file] }), 1).failures
  expect(failure.split('\n').slice(0, 2)).toEqual([
    'stories/turns.story.ts: Error: payment-worker died: its last output:',
    '{"message":"fatal"}',
  ])
  expect(failure.split('\n')).toHaveLength(20)
})

test('a failure outside the tests is named, too', () => {
  const file = { name: join(repository, 'apps/other.test.ts'), status: 'failed', assertionResults: [] }
  const unloaded = { ...file, message: "Cannot find module './nowhere.ts'\n    at other.test.ts:1" }
  const text = JSON.stringify({ ...JSON.parse(report(5, 0)), testResults: [unloaded] })
  expect(countsOf(text, 1).failures).toEqual(["apps/other.test.ts: Cannot find module './nowhere.ts'"])
  expect(countsOf(report(5, 0), 1).failures).toEqual(['An error outside any test; the run ended with 1.'])
})

test('an interrupted part starts no further command', async () => {
  const interruption = new AbortController()
  const printed: string[] = []
  const command = ['node', '--version']
  const runs = ['first', 'second'].map((name) => ({ kind: 'check' as const, name, command }))
  const part = { name: 'checks', about: 'two commands', needs: [], runs }
  const result = await runPart(part, {
    ...{ directory: '', isLive: false, signal: interruption.signal },
    print(text) {
      printed.push(text)
      interruption.abort()
    },
  })
  expect(result).toMatchObject({ passed: 1, failed: 0 })
  expect(printed).toEqual([expect.stringContaining('first')])
})
