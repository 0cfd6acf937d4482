import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { ProcessExit } from '@floodgate/processes'
import type { Life } from './keep-alive.ts'

export const repository = resolve(import.meta.dirname, '../../..')
/** The repository's own Node; the machine's may be older and can't run TypeScript. */
export const nodeBinary = join(repository, 'node_modules/node/bin/node')
/** Where Node keeps what it made of source files: types stripped, compiled. */
export const compileCache = join(repository, '.cache', 'compiled')

/** The variables of every Node process of ours; what the user's environment says goes before. */
export const ownNodeEnvironment = (): NodeJS.ProcessEnv => ({ NODE_COMPILE_CACHE: compileCache, ...process.env })

const LAST_LINES_MAX = 20
/** The app gives up by itself after 5 s (SHUTDOWN_SECONDS). */
const STOP_MS_MAX = 6_000
const LAST_WORDS_MS = 500

export type NodeProcessOptions = {
  /** The file to run, from the repository's root, and its arguments. */
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly onLine: (line: string) => void
  /** Whether the kernel stops it when we die without a word. */
  readonly endWithParent: boolean
}

/**
 * Starts a Node process of ours: a real one, no shell around it, in a session of its own, so that a Ctrl-C in the
 * terminal reaches us alone and we stop it in our order.
 */
export async function startNodeProcess(options: NodeProcessOptions): Promise<Life> {
  const command = options.endWithParent
    ? ['setpriv', '--pdeathsig', 'TERM', '--', nodeBinary, ...options.args]
    : [nodeBinary, ...options.args]
  const [program = nodeBinary, ...args] = command
  const child = spawn(program, args, {
    cwd: repository,
    env: { ...ownNodeEnvironment(), ...options.environment },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lastLines: string[] = []
  const onLine = (line: string): void => {
    lastLines.push(line)
    if (lastLines.length > LAST_LINES_MAX) lastLines.shift()
    options.onLine(line)
  }
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine)
  const exited = new Promise<ProcessExit>((done) => {
    child.once('exit', (code, signal) => {
      // Its last words may still be in the pipe; a grandchild could hold the pipe open for ever.
      child.once('close', () => done({ code, signal }))
      setTimeout(() => done({ code, signal }), LAST_WORDS_MS).unref()
    })
  })
  const pid = await new Promise<number>((spawned, failed) => {
    child.once('error', failed)
    child.once('spawn', () => spawned(child.pid ?? 0))
  })
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  return {
    pid,
    exited,
    lastLines: () => [...lastLines],
    async stop() {
      child.kill('SIGTERM')
      const patience = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
      await exited
      clearTimeout(patience)
    },
    kill,
  }
}
