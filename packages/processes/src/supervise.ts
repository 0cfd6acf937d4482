import { decideRestart, type GiveUpReason, type RestartPolicy } from './restart-policy.ts'
import type { ProcessExit } from './spawn-owned.ts'

/** One run of a process, from its start to its end. */
export interface Run {
  readonly pid: number
  readonly exited: Promise<ProcessExit>
  /** Its last output, oldest line first, at most 20 lines. */
  lastLines(): readonly string[]
  /** Ends it gracefully; SIGKILL when it takes too long. */
  stop(): Promise<void>
  kill(): Promise<void>
}

/** A process that is restarted when it dies. */
export interface Supervised {
  readonly name: string
  /** `undefined` while it is down. */
  pid(): number | undefined
  /** Starts it; from then on restarts it when it dies. */
  start(): Promise<void>
  /** Ends it; it stays down. */
  stop(): Promise<void>
  /** Kills it deliberately (SIGKILL): it is restarted, and that does not count as a death. */
  kill(): Promise<void>
  /** Kills it (SIGKILL), runs `whileDown`, then starts a new run. */
  crash(whileDown: () => Promise<void>): Promise<void>
  /** Kills it (SIGKILL); it stays down. */
  end(): Promise<void>
}

export interface Death {
  readonly name: string
  readonly exit: ProcessExit
  /** Milliseconds since 1970. */
  readonly at: number
}

export interface PermanentFailure {
  readonly name: string
  readonly exit: ProcessExit
  readonly reason: GiveUpReason
  /** Its last output, oldest line first, at most 20 lines. */
  readonly lastLines: readonly string[]
}

/** Callbacks for events of a supervised process. */
export interface SupervisorEvents {
  onStarted(): void
  onDied(death: Death & { readonly restartInMs: number }): void
  onGaveUp(end: PermanentFailure): void
}

export interface SuperviseOptions extends SupervisorEvents {
  readonly name: string
  readonly policy: RestartPolicy
  launch(): Promise<Run>
}

/**
 * Supervises one process. It is `down` (not wanted), `up` (a run is in progress) or between two runs, waiting for a
 * restart. {@link decideRestart} counts and judges unexpected deaths.
 */
export function supervise(options: SuperviseOptions): Supervised {
  const { name, policy } = options
  let deathTimes: readonly number[] = []
  let run: Run | undefined
  let startedAt = 0
  let wanted = false
  let killedOnPurpose = false
  let pendingRestart: NodeJS.Timeout | undefined
  // A launch in progress: ending the process waits for it first, since otherwise there would be no process to end.
  let launching: Promise<void> = Promise.resolve()

  async function launchNow(): Promise<void> {
    startedAt = Date.now()
    const started = await options.launch()
    run = started
    void started.exited.then((exit) => onExit(started, exit))
    options.onStarted()
  }

  function launch(): Promise<void> {
    launching = launchNow()
    return launching
  }

  function relaunch(): void {
    pendingRestart = undefined
    // A process that cannot be relaunched counts as one that died at once.
    launch().catch((error: unknown) => {
      const words = error instanceof Error ? error.message : String(error)
      judge({ code: null, signal: null }, [words])
    })
  }

  function onExit(ended: Run, exit: ProcessExit): void {
    if (run !== ended) return
    run = undefined
    if (!wanted) return
    if (killedOnPurpose) {
      killedOnPurpose = false
      relaunch()
    } else judge(exit, ended.lastLines())
  }

  function judge(exit: ProcessExit, lastLines: readonly string[]): void {
    if (!wanted) return
    const now = Date.now()
    const decision = decideRestart(policy, { exitCode: exit.code, livedMs: now - startedAt, deathTimes, now })
    if (decision.kind === 'give-up') {
      wanted = false
      options.onGaveUp({ name, exit, reason: decision.reason, lastLines })
      return
    }
    deathTimes = decision.deathTimes
    options.onDied({ name, exit, at: now, restartInMs: decision.inMs })
    pendingRestart = setTimeout(relaunch, decision.inMs)
  }

  async function goDown(how: 'stop' | 'kill'): Promise<void> {
    wanted = false
    clearTimeout(pendingRestart)
    if (how === 'stop') await launching.catch(() => undefined)
    const ending = run
    await ending?.[how]()
    await ending?.exited
  }

  return {
    name,
    pid: () => run?.pid,
    async start() {
      if (wanted) return
      wanted = true
      await launch()
    },
    stop: () => goDown('stop'),
    end: () => goDown('kill'),
    async kill() {
      const victim = run
      if (victim === undefined) return
      killedOnPurpose = true
      await victim.kill()
      await victim.exited
    },
    async crash(whileDown) {
      await goDown('kill')
      await whileDown()
      wanted = true
      await launch()
    },
  }
}
