import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** How a process ended. */
export type ProcessExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/** A process that is ours: a real one, never a wrapper, so that its pid can be signalled. */
export type OwnedProcess = {
  readonly pid: number
  readonly exited: Promise<ProcessExit>
  /** What it said last, oldest first; at most 20 lines. */
  lastLines(): readonly string[]
  signal(name: NodeJS.Signals): void
}

/** Whom a process runs as; both or none. */
export type UserIds = { readonly uid: number; readonly gid: number }

export type SpawnOwnedOptions = {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly user?: UserIds | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Written to its standard input, which is then closed. */
  readonly stdin?: string | undefined
  readonly log?: ((line: string) => void) | undefined
  /** Sent by the kernel when the thread that started it ends in whatever way, SIGKILL of our process included. */
  readonly signalWhenOrphaned: 'INT' | 'TERM'
}

const LAST_LINES_MAX = 20
const LAST_WORDS_MS = 200

/**
 * Starts a process of our own, in a session of its own: a Ctrl-C in the terminal reaches us alone, and we stop it in
 * our order. When we die without a word, the kernel stops it (prctl PR_SET_PDEATHSIG, set by `setpriv`, which then
 * becomes the program: the pid stays the same).
 */
export async function spawnOwned(options: SpawnOwnedOptions): Promise<OwnedProcess> {
  const args = ['--pdeathsig', options.signalWhenOrphaned, '--', options.command, ...options.args]
  const child = spawn('setpriv', args, {
    cwd: options.cwd,
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC', ...options.env },
    ...options.user,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  const said = (line: string): void => {
    lines.push(line)
    if (lines.length > LAST_LINES_MAX) lines.shift()
    options.log?.(line)
  }
  eachLine(child.stdout, said)
  eachLine(child.stderr, said)
  const exited = exitOf(child)
  const pid = await spawnedPid(child)
  // A program may end before it has read what we say to it.
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.stdin)
  return { pid, exited, lastLines: () => [...lines], signal: (name) => void child.kill(name) }
}

/** Resolves once the process is gone and its last words are read; its own children may hold the pipes open longer. */
function exitOf(child: ChildProcess): Promise<ProcessExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      const done = (): void => resolve({ code, signal })
      child.once('close', done)
      setTimeout(done, LAST_WORDS_MS)
    })
  })
}

function eachLine(stream: Readable, said: (line: string) => void): void {
  createInterface({ input: stream }).on('line', said)
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
