import { join, resolve } from 'node:path'
import { type Run, spawnOwned } from '@floodgate/processes'

export const repository = resolve(import.meta.dirname, '../../..')
/** The repository's own Node; the machine's may be older and unable to run TypeScript. */
export const nodeBinary = join(repository, 'node_modules/node/bin/node')
/** Node's cache of processed source files: types stripped, compiled. */
export const compileCache = join(repository, '.cache', 'compiled')

/** Returns the variables of every Node process of ours; the user's environment takes precedence. */
export function ownNodeEnvironment(): NodeJS.ProcessEnv {
  return { NODE_COMPILE_CACHE: compileCache, ...process.env }
}

/** The app gives up by itself after 5 s (SHUTDOWN_SECONDS). */
const STOP_MS_MAX = 6_000

export interface NodeProcessOptions {
  /** The root of the tree that the file belongs to; default: this repository. */
  readonly root?: string
  /** The file to run, from that root, and its arguments. */
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  onLine(line: string): void
  /** Whether the kernel stops it when we are killed. */
  readonly endWithParent: boolean
}

/** Starts a Node process of ours. */
export async function startNodeProcess(options: NodeProcessOptions): Promise<Run> {
  const { end, ...owned } = await spawnOwned({
    command: nodeBinary,
    args: options.args,
    cwd: options.root ?? repository,
    env: { ...ownNodeEnvironment(), ...options.environment },
    log: options.onLine,
    signalWhenOrphaned: options.endWithParent ? 'TERM' : undefined,
  })
  return { ...owned, stop: () => end(['SIGTERM'], STOP_MS_MAX), kill: () => end([], 0) }
}
