import { pause } from '@floodgate/async'
import type { OwnedProcess, ProcessExit } from '@floodgate/processes'
import { ServerFailed } from './errors.ts'

/** A server on this machine. `pid` and `exited` are those of its current process: they change at a restart. */
export interface LocalServer {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** The actual place of its files; may differ from the requested one (see startPostgres). */
  readonly dataDir: string
  /** Resolves when the current process ends, for whatever reason. */
  readonly exited: Promise<ProcessExit>
  /** Returns the last output of the current process, oldest line first. */
  lastLines(): readonly string[]
  /** Ends it gracefully, within 8 s; does nothing when it has already ended. */
  stop(): Promise<void>
  /** Kills it with SIGKILL, without clean-up: as a crash or the kernel's out-of-memory killer does. */
  kill(): Promise<void>
  /** Starts it again on the same data and port, after ending it gracefully if it still runs. */
  restart(): Promise<void>
}

/** How to start any server. */
export interface StartServerOptions {
  /** The requested location of the data; `dataDir` of the server is the actual one. */
  readonly dataDir: string
  readonly port: number
  readonly host?: string
  log?(line: string): void
  onProgress?(line: string): void
  /** Aborted: a start or restart under way fails, and its process ends. */
  readonly signal?: AbortSignal
}

export interface OwnServerOptions {
  readonly url: string
  readonly port: number
  readonly dataDir: string
  /** Starts the process and returns once it responds. */
  launch(): Promise<OwnedProcess>
  /** Sent one after the other until it exits; SIGKILL follows the last. */
  readonly stopSignals: readonly NodeJS.Signals[]
  /** Called after SIGKILL of the main process: makes sure that none of its children continues. */
  readonly afterKill?: (() => Promise<void>) | undefined
}

const SIGNAL_PATIENCE_MS = 4_000

/** Runs one server: start, stop, kill and restart, common to all servers. */
export async function ownServer(options: OwnServerOptions): Promise<LocalServer> {
  let running = await options.launch()
  const stop = async (): Promise<void> => {
    await end(options.stopSignals)
  }
  const end = async (signals: readonly NodeJS.Signals[]): Promise<void> => {
    await running.end(signals, SIGNAL_PATIENCE_MS)
    if (signals.length === 0 || (await running.exited).signal === 'SIGKILL') await options.afterKill?.()
  }
  return {
    url: options.url,
    port: options.port,
    dataDir: options.dataDir,
    get pid() {
      return running.pid
    },
    get exited() {
      return running.exited
    },
    lastLines: () => running.lastLines(),
    stop,
    kill: () => end([]),
    async restart() {
      await stop()
      running = await options.launch()
    },
  }
}

export interface UntilReadyOptions {
  readonly name: string
  readonly process: OwnedProcess
  /** Throws while the server does not respond yet. */
  probe(): Promise<void>
  /** Returns the reason if a failed probe can never succeed: then the wait ends at once. */
  hopeless?(error: unknown): string | undefined
  readonly withinMs: number
  readonly intervalMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Waits until a server responds. Throws {@link ServerFailed} with its last output when it exits or stays silent. On any
 * failure, including an abort, it kills the process first, so that a failed start leaves nothing behind.
 */
export async function untilReady(options: UntilReadyOptions): Promise<void> {
  const deadline = performance.now() + options.withinMs
  let exit: ProcessExit | undefined
  void options.process.exited.then((ended) => {
    exit = ended
  })
  for (;;) {
    const failure = await options.probe().then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    if (failure === undefined) return
    const why = options.hopeless?.(failure.error) ?? whyGiveUp(options, exit, deadline)
    if (why !== undefined) {
      await options.process.end([], 0)
      options.signal?.throwIfAborted()
      throw new ServerFailed(`${options.name} ${why}`, options.process.lastLines(), failure.error)
    }
    await pause(options.intervalMs)
  }
}

function whyGiveUp(options: UntilReadyOptions, exit: ProcessExit | undefined, deadline: number): string | undefined {
  if (exit !== undefined) return `ended while it started (${exit.signal ?? `exit code ${exit.code}`}).`
  if (options.signal?.aborted) return 'was told to stop while it started.'
  if (performance.now() > deadline) return `did not respond within ${options.withinMs / 1_000} s.`
  return undefined
}
