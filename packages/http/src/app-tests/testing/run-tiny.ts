import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface LogLine {
  readonly message: string
  readonly pid: number
  readonly worker?: number
  readonly workerPid?: number
  readonly signal?: string
  readonly url?: string
  readonly opsUrl?: string
  readonly raw: string
}

export interface TinyRun {
  readonly pid: number
  stderr(): string
  /** Returns the first `count` log lines with this message, once that many exist. */
  lines(message: string, count?: number): Promise<LogLine[]>
  signal(signal: NodeJS.Signals): void
  /** Signals every process of the group, as a terminal's Ctrl-C does. */
  signalGroup(signal: NodeJS.Signals): void
  /** Resolves once the process and all its workers have exited and closed the output. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>
}

const program = fileURLToPath(new URL('./tiny-service.ts', import.meta.url))

/** Runs the tiny service in a process group of its own. */
export function runTiny(environment: Readonly<Record<string, string>>): TinyRun {
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, ENVIRONMENT: 'development', ...environment },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const seen: LogLine[] = []
  const waiting = new Set<() => void>()
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  createInterface({ input: child.stdout }).on('line', (raw) => {
    seen.push({ ...JSON.parse(raw), raw })
    for (const look of waiting) look()
  })
  const pid = child.pid ?? 0
  return {
    pid,
    stderr: () => stderr,
    lines: async (message, count = 1) => {
      const found = Promise.withResolvers<LogLine[]>()
      const look = () => {
        const lines = seen.filter((line) => line.message === message)
        if (lines.length >= count) found.resolve(lines)
      }
      waiting.add(look)
      look()
      const lines = await found.promise
      waiting.delete(look)
      return lines
    },
    signal: (signal) => void child.kill(signal),
    signalGroup: (signal) => {
      try {
        process.kill(-pid, signal)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // No process of the group is left.
      }
    },
    ended: new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal }))),
  }
}
