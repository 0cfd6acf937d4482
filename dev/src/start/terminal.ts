import type { ProcessName, StepEnd, SystemObserver } from '../system/types.ts'

const LINES_PER_SECOND_MAX = 12
const LINE_CHARACTERS_MAX = 160
const NAME_WIDTH = 15

export interface Terminal {
  readonly observer: SystemObserver
  print(text: string): void
}

/**
 * Shows the progress of `npm start`: steps with their time, and the apps' log lines, short, prefixed, and at a readable
 * rate.
 */
export function createTerminal(options: { readonly verbose: boolean }): Terminal {
  const print = (text: string): void => void process.stdout.write(`${text}\n`)
  const limiter = createLimiter(LINES_PER_SECOND_MAX)
  return {
    print,
    observer: {
      step: (title) => showStep(title, print),
      note: (line) => print(`    ${line}`),
      line(name, replica, line) {
        const short = shortLine(line, options.verbose)
        if (short === undefined) return
        const prefix = (replica === 0 ? name : `${name}-${replica + 1}`).padEnd(NAME_WIDTH)
        if (options.verbose || limiter(name, Date.now())) print(`${prefix} ${short}`)
      },
      died: ({ name, exit, restartInMs }) =>
        print(`${name} died (${exit.signal ?? `exit code ${exit.code}`}); started again in ${restartInMs} ms`),
    },
  }
}

function showStep(title: string, print: (text: string) => void): StepEnd {
  const startedAt = Date.now()
  print(`· ${title}`)
  return {
    done: (note) =>
      print(`✓ ${title} (${((Date.now() - startedAt) / 1_000).toFixed(1)} s)${note === undefined ? '' : ` ${note}`}`),
    failed: () => print(`✗ ${title}`),
  }
}

/**
 * Shortens a log line for the terminal; `undefined` for one that is not worth showing. Servers are shown only on
 * request.
 */
export function shortLine(line: string, verbose: boolean): string | undefined {
  const entry = parseEntry(line)
  if (entry === undefined) return verbose ? line.slice(0, LINE_CHARACTERS_MAX) : undefined
  const { level, message, step } = entry
  if (!verbose && !isWorthReading(entry)) return undefined
  const words = [
    level === 'info' ? '' : String(level).toUpperCase(),
    typeof step === 'string' && step !== message ? step : '',
    String(message ?? ''),
    ...details(entry),
  ]
  return words
    .filter((word) => word !== '')
    .join(' ')
    .slice(0, LINE_CHARACTERS_MAX)
}

/**
 * Selects errors, the steps of a purchase, and who listens where. A start polls `/readyz` until it is green: not an
 * error.
 */
function isWorthReading({ level, message, step, route }: Readonly<Record<string, unknown>>): boolean {
  if (route === '/readyz') return false
  return level === 'warn' || level === 'error' || step !== undefined || message === 'listening'
}

const known = new Set(['level', 'time', 'app', 'pid', 'message', 'step', 'raw', 'traceparent', 'traceId', 'ip'])

function details(entry: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(entry).flatMap(([key, value]) => {
    if (known.has(key) || value === null || value === undefined) return []
    if (Array.isArray(value)) return [`${key}=${value.length}`]
    if (typeof value === 'number') return [`${key}=${Math.round(value * 10) / 10}`]
    if (typeof value !== 'object') return [`${key}=${value}`]
    return 'message' in value ? [`${key}="${String(value.message)}"`] : []
  })
}

function parseEntry(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}

/** Limits lines per second and name; the log file has all of them. */
function createLimiter(perSecond: number): (name: ProcessName, now: number) => boolean {
  const counts = new Map<ProcessName, { second: number; lines: number }>()
  return function limit(name, now) {
    const second = Math.floor(now / 1_000)
    const count = counts.get(name)
    if (count?.second !== second) {
      counts.set(name, { second, lines: 1 })
      return true
    }
    count.lines += 1
    return count.lines <= perSecond
  }
}
