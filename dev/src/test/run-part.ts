import { spawn } from 'node:child_process'
import { mkdtemp, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { z } from 'zod'
import { repository } from '../system/node-process.ts'
import type { Part, Run } from './parts.ts'

export interface Counts {
  readonly passed: number
  readonly failed: number
  /** The failures, each with its message. */
  readonly failures: readonly string[]
}
export type PartResult = Counts & { readonly name: string; readonly seconds: number; readonly note: string }

export interface RunContext {
  /** A directory for reports. */
  readonly directory: string
  /** Whether the output of a test run goes to the terminal as it comes; otherwise it is printed at its end. */
  readonly isLive: boolean
  /** Once it is aborted no further command of the part starts. */
  readonly signal: AbortSignal
  print(text: string): void
}

export async function runPart(part: Part, context: RunContext): Promise<PartResult> {
  const startedAt = Date.now()
  let passed = 0
  let failed = 0
  const failures: string[] = []
  for (const run of part.runs) {
    if (context.signal.aborted) break
    const counts = run.kind === 'check' ? await runCheck(run, context) : await runVitest(run, context)
    passed += counts.passed
    failed += counts.failed
    failures.push(...counts.failures)
  }
  const note = passed === 0 && part.runs.every(({ kind }) => kind === 'vitest') ? 'no test has passed' : ''
  return { name: part.name, passed, failed, failures, seconds: (Date.now() - startedAt) / 1_000, note }
}

async function runCheck(run: Extract<Run, { kind: 'check' }>, context: RunContext): Promise<Counts> {
  const startedAt = Date.now()
  const { code, output } = await execute(run.command, { isLive: false })
  const good = code === 0
  const seconds = ((Date.now() - startedAt) / 1_000).toFixed(1)
  context.print(`${good ? '✓' : '✗'} ${run.name} (${seconds} s)\n${good ? '' : output}`)
  return good ? { passed: 1, failed: 0, failures: [] } : { passed: 0, failed: 1, failures: [run.name] }
}

const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      /** The reason of a failure outside its tests: it could not be loaded, or a hook threw. */
      message: z.string(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
})

async function runVitest(run: Extract<Run, { kind: 'vitest' }>, context: RunContext): Promise<Counts> {
  const reportFile = join(await mkdtemp(join(context.directory, 'run-')), 'vitest.json')
  const { code, output } = await execute(
    [
      ...['vitest', 'run', '--project', run.project, ...run.arguments, '--passWithNoTests'],
      ...['--reporter', 'default', '--reporter', 'json', `--outputFile.json=${reportFile}`],
    ],
    context,
  )
  context.print(output)
  return countsOf(await readFile(reportFile, 'utf8').catch(() => ''), code)
}

/**
 * Counts a Vitest run, by its report and its exit code. A run that ended before its report was written, a file that
 * could not be loaded, an error outside any test, and a run without a test are one failure each. Pure.
 */
export function countsOf(report: string, exitCode: number): Counts {
  const parsed = vitestReport.safeParse(parseOrNothing(report))
  if (!parsed.success) return { passed: 0, failed: 1, failures: ['The run ended before its report was written.'] }
  const { numPassedTests: passed, numFailedTests, testResults } = parsed.data
  const isFaulty = exitCode !== 0 || passed + numFailedTests === 0
  const failures = testResults.flatMap(failuresOf)
  if (isFaulty && failures.length === 0) failures.push(`An error outside any test; the run ended with ${exitCode}.`)
  return { passed, failed: Math.max(numFailedTests, isFaulty ? 1 : 0), failures }
}

type TestedFile = z.infer<typeof vitestReport>['testResults'][number]

function failuresOf({ name, status, message, assertionResults }: TestedFile): string[] {
  const file = relative(repository, name)
  const failed = assertionResults.filter((each) => each.status === 'failed')
  if (status === 'failed' && failed.length === 0) return [`${file}: ${messageOf(message)}`]
  return failed.map(({ fullName, failureMessages: [why = ''] }) => `${file}: ${fullName}: ${messageOf(why)}`)
}

const MESSAGE_LINES_MAX = 20
const LINE_CHARACTERS_MAX = 400
const STACK_LINE = /^\s+at /

/** Returns a message without its stack, in bounds. An app that dies has its last output in the lines after the first. */
function messageOf(text: string): string {
  const lines = text.split('\n')
  const stack = lines.findIndex((line) => STACK_LINE.test(line))
  const message = lines.slice(0, stack === -1 ? lines.length : stack).slice(0, MESSAGE_LINES_MAX)
  return message
    .map((line) => line.slice(0, LINE_CHARACTERS_MAX))
    .join('\n')
    .trimEnd()
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function execute(
  command: readonly string[],
  { isLive }: Pick<RunContext, 'isLive'>,
): Promise<{ readonly code: number; readonly output: string }> {
  const [name = '', ...args] = command
  const binaries = join(repository, 'node_modules/.bin')
  const child = spawn(join(binaries, name), args, {
    cwd: repository,
    env: { ...process.env, PATH: `${binaries}:${process.env.PATH}` },
    stdio: ['ignore', isLive ? 'inherit' : 'pipe', isLive ? 'inherit' : 'pipe'],
  })
  const output: string[] = []
  child.stdout?.on('data', (chunk) => output.push(String(chunk)))
  child.stderr?.on('data', (chunk) => output.push(String(chunk)))
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal)
  process.once('SIGINT', forward).once('SIGTERM', forward)
  return new Promise((resolve) => {
    const done = (code: number): void => {
      process.off('SIGINT', forward).off('SIGTERM', forward)
      resolve({ code, output: output.join('') })
    }
    child.once('error', (error) => {
      output.push(`${error.message}\n`)
      done(127)
    })
    child.once('close', (code) => done(code ?? 1))
  })
}
