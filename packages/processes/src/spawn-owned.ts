import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { settledWithin } from '@floodgate/async'

/** The exit of a process. */
export interface ProcessExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A child process of ours: the program itself, never a wrapper, so that its pid can be signalled. */
export interface OwnedProcess {
  readonly pid: number
  /** Resolves once it has exited and its last output is read. */
  readonly exited: Promise<ProcessExit>
  /** Its last output, oldest line first; at most 20 lines. */
  lastLines(): readonly string[]
  signal(name: NodeJS.Signals): void
  /** Sends these signals, each `patienceMs` after the one before, until it has exited; SIGKILL follows the last one. */
  end(signals: readonly NodeJS.Signals[], patienceMs: number): Promise<void>
}

/** The user that a process runs as; both ids or none. */
export interface UserIds {
  readonly uid: number
  readonly gid: number
}

export interface SpawnOwnedOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  /** The complete environment. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly user?: UserIds | undefined
  /** Written to its standard input, which is then closed. Default: no input. */
  readonly stdin?: string | undefined
  /** Called with each line of output. */
  readonly log?: ((line: string) => void) | undefined
  /**
   * Sent by the kernel when the thread that started it ends in any way, SIGKILL of our process included. Default: none.
   */
  readonly signalWhenOrphaned?: 'INT' | 'TERM' | undefined
}

const LAST_LINES_MAX = 20
const LAST_WORDS_MS = 500

/**
 * Starts a child process without a shell, in its own session: a Ctrl-C in the terminal reaches only us, and we
 * stop the child in our order. When we die without cleaning up, the kernel can stop it (prctl PR_SET_PDEATHSIG, set by
 * `setpriv`, which then becomes the program: the pid stays the same). Rejects when it cannot be started.
 *
 * Why not `execa`: docs/adr/0045-libraries-weighed.md.
 */
export async function spawnOwned(options: SpawnOwnedOptions): Promise<OwnedProcess> {
  const { command, args, signalWhenOrphaned, stdin } = options
  const [program, programArgs] =
    signalWhenOrphaned === undefined
      ? [command, args]
      : ['setpriv', ['--pdeathsig', signalWhenOrphaned, '--', command, ...args]]
  const child = spawn(program, programArgs, {
    cwd: options.cwd,
    env: options.env,
    ...options.user,
    detached: true,
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  function onLine(line: string): void {
    lines.push(line)
    if (lines.length > LAST_LINES_MAX) lines.shift()
    options.log?.(line)
  }
  for (const stream of [child.stdout, child.stderr])
    if (stream !== null) createInterface({ input: stream }).on('line', onLine)
  const exited = exitOf(child)
  const pid = await spawnedPid(child)
  // A program may exit before it has read its input.
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(stdin)
  return {
    pid,
    exited,
    lastLines: () => [...lines],
    signal: (name) => void child.kill(name),
    async end(signals, patienceMs) {
      for (const signal of signals) {
        child.kill(signal)
        if (await settledWithin(patienceMs, exited)) return
      }
      child.kill('SIGKILL')
      await exited
    },
  }
}

/**
 * Resolves when the child has exited. Its last output may still be in the pipe; a grandchild could hold the pipe open
 * forever.
 */
function exitOf(child: ChildProcess): Promise<ProcessExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      const timer = setTimeout(done, LAST_WORDS_MS)
      child.once('close', done)
      function done(): void {
        clearTimeout(timer)
        resolve({ code, signal })
      }
    })
  })
}

function spawnedPid(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('spawn', () => {
      if (child.pid === undefined) reject(new Error('A process was started without a pid.'))
      else resolve(child.pid)
    })
  })
}
