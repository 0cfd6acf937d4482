import type { ProcessExit } from '@floodgate/processes'
import { decideRestart } from './restart-policy.ts'
import type { Death, GivingUp } from './types.ts'

/** One life of a process: from a start to its end. */
export type Life = {
  readonly pid: number
  readonly exited: Promise<ProcessExit>
  /** What it said last, oldest first, at most 20 lines. */
  lastLines(): readonly string[]
  /** Ends it politely; SIGKILL when it takes too long. */
  stop(): Promise<void>
  kill(): Promise<void>
}

export type Kept = {
  readonly name: string
  /** `undefined` while it is down. */
  pid(): number | undefined
  /** Starts it; it is kept alive from then on. */
  start(): Promise<void>
  /** Ends it; it stays down. */
  stop(): Promise<void>
  /** SIGKILL on purpose: it comes back by itself, and that does not count as a death. */
  kill(): Promise<void>
  /** SIGKILL, then `whileDown`, then a new life. */
  crash(whileDown: () => Promise<void>): Promise<void>
  /** SIGKILL; it stays down. */
  end(): Promise<void>
}

export type KeepAliveOptions = {
  readonly name: string
  readonly launch: () => Promise<Life>
  readonly onStarted: () => void
  readonly onDied: (death: Death & { readonly restartInMs: number }) => void
  readonly onGaveUp: (end: GivingUp) => void
}

/**
 * Keeps one process alive. It is `down` (not wanted), `up` (a life runs) or between two lives, waiting for a restart.
 * Deaths that nobody asked for are counted and judged by {@link decideRestart}.
 */
export function keepAlive(options: KeepAliveOptions): Kept {
  const { name } = options
  const deathTimes: number[] = []
  let life: Life | undefined
  let wanted = false
  let killedOnPurpose = false
  let pendingRestart: NodeJS.Timeout | undefined
  // A launch under way: whoever wants to end the process waits for it first, or it would end nothing.
  let launching: Promise<void> = Promise.resolve()

  const launch = (): Promise<void> => {
    launching = options.launch().then((started) => {
      life = started
      void started.exited.then((exit) => onExit(started, exit))
      options.onStarted()
    })
    return launching
  }

  const relaunch = (): void => {
    pendingRestart = undefined
    // A process that can't even be launched again counts as one that died at once.
    launch().catch((error: unknown) => {
      const words = error instanceof Error ? error.message : String(error)
      judge({ exit: { code: null, signal: null }, lastLines: [words] })
    })
  }

  const onExit = (ended: Life, exit: ProcessExit): void => {
    if (life !== ended) return
    life = undefined
    if (!wanted) return
    if (killedOnPurpose) {
      killedOnPurpose = false
      relaunch()
      return
    }
    judge({ exit, lastLines: ended.lastLines() })
  }

  const judge = ({ exit, lastLines }: Pick<GivingUp, 'exit' | 'lastLines'>): void => {
    if (!wanted) return
    const now = Date.now()
    deathTimes.push(now)
    const decision = decideRestart({ exitCode: exit.code, deathTimes, now })
    if (decision.kind === 'give-up') {
      wanted = false
      options.onGaveUp({ name, exit, reason: decision.reason, lastLines })
      return
    }
    options.onDied({ name, exit, at: now, restartInMs: decision.inMs })
    pendingRestart = setTimeout(relaunch, decision.inMs)
  }

  const goDown = async (how: 'stop' | 'kill'): Promise<void> => {
    wanted = false
    clearTimeout(pendingRestart)
    if (how === 'stop') await launching.catch(() => undefined)
    const ending = life
    await ending?.[how]()
    await ending?.exited
  }

  return {
    name,
    pid: () => life?.pid,
    async start() {
      if (wanted) return
      wanted = true
      await launch()
    },
    stop: () => goDown('stop'),
    end: () => goDown('kill'),
    async kill() {
      const victim = life
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
