import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { findK6, MissingServer } from '@floodgate/local-servers'
import type { BenchRun } from '../bench.ts'
import { readProcessCost } from '../machine/process-cost.ts'
import { createComplaints } from './complaints.ts'
import { type K6Progress, parseK6Progress } from './k6-progress.ts'
import { type K6Summary, readK6Summary } from './k6-summary.ts'

/** The settings of every script: the addresses of the processes in turn, the sale, and its own. */
export type K6Settings = {
  readonly rooms: readonly string[]
  readonly cores: readonly string[]
  readonly sale: string
} & Readonly<Record<string, unknown>>

export type K6Report = K6Summary & {
  /** k6's warnings, with their counts. */
  readonly complaints: readonly string[]
  /** CPU time that k6 itself took, until the last second of the run. */
  readonly cpuSeconds: number
}

const SCRIPTS = join(import.meta.dirname, '../../k6')
const SECOND = 1_000
const SPEAK_EVERY_MS = 4 * SECOND
/** One kept connection of every user, another of those who are inside or on a socket, and some of k6's own. */
const FILES_PER_USER = 1.3
const FILES_OF_ITS_OWN = 200
const LAST_LINES_MAX = 15
/** k6's exit code for a failed check or threshold; the summary has the details. */
const EXIT_THRESHOLDS = 99

/**
 * Runs a script of `bench/k6` to its end and reads its summary. Progress comes from k6 itself; `extra` adds the
 * caller's. Aborting the run's signal ends k6. Throws when k6 is missing, fails, or may not open enough files.
 */
export async function runK6(
  run: Pick<BenchRun, 'directory' | 'progress' | 'signal'>,
  script: string,
  {
    settings,
    users,
    extra = async () => '',
  }: { readonly settings: K6Settings; readonly users: number; extra?(): Promise<string> },
): Promise<K6Report> {
  run.signal.throwIfAborted()
  const k6 = await findK6()
  if (k6 === undefined) throw new MissingServer('k6 is not installed; name one in K6.')
  await requireOpenFiles(users * FILES_PER_USER)
  const summary = join(run.directory, `${script}-summary.json`)
  await writeFile(summary, '')
  const lastLines: string[] = []
  const complaints = createComplaints()
  const child = spawn(k6, ['run', '--no-usage-report', '--no-color', '--address', '', join(SCRIPTS, `${script}.js`)], {
    // k6's own garbage collector delays responses most, so it gets more memory, within a bound.
    env: {
      ...process.env,
      GOGC: '400',
      GOMEMLIMIT: `${Math.floor(totalmem() / 3)}`,
      SETTINGS: JSON.stringify({ ...settings, users, summary }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // The measurements of an aborted run are useless, so k6 need not end in order.
    signal: run.signal,
    killSignal: 'SIGKILL',
  })
  const exit = once(child, 'exit')
  let spokenAt = performance.now()
  let cpuSeconds = 0
  const speak = async (seen: K6Progress): Promise<void> => {
    const { users: busy, done } = seen
    if (performance.now() - spokenAt < SPEAK_EVERY_MS) return
    spokenAt = performance.now()
    const cost = await readProcessCost(child.pid ?? 0).catch(() => undefined)
    cpuSeconds = cost === undefined ? cpuSeconds : cost.cpuMs / SECOND
    const more = await extra().catch(() => '')
    run.progress(`${busy} users busy, ${done} iterations done${more === '' ? '' : `; ${more}`}`)
  }
  for (const output of [child.stdout, child.stderr])
    createInterface({ input: output }).on('line', (line) => {
      const seen = parseK6Progress(line)
      complaints.note(line)
      if (seen !== undefined) void speak(seen)
      else if (line.trim() !== '') lastLines.push(line)
      if (lastLines.length > LAST_LINES_MAX) lastLines.shift()
    })
  const [code] = (await exit) as [number | null]
  run.signal.throwIfAborted()
  if (code !== 0 && code !== EXIT_THRESHOLDS) throw new Error(`k6 ended with ${code}:\n${lastLines.join('\n')}`)
  return { ...readK6Summary(await readFile(summary, 'utf8')), complaints: complaints.told(), cpuSeconds }
}

/**
 * Checks the limit of open files. Go and Node raise their own to the hard one; only the owner of the machine can allow
 * more.
 */
async function requireOpenFiles(files: number): Promise<void> {
  const limits = await readFile('/proc/self/limits', 'utf8')
  const allowed = hardOpenFiles(limits)
  const needed = Math.ceil(files) + FILES_OF_ITS_OWN
  if (allowed < needed)
    throw new Error(
      `This run needs ${needed} open files, and ${allowed} are allowed: raise the limit (ulimit -Hn), or use fewer --users.`,
    )
}

/** Reads the hard limit of open files in `/proc/self/limits`. Pure. */
export function hardOpenFiles(limits: string): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1]
  return hard === undefined || hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard)
}
