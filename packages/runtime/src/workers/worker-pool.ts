import type { Logger } from '../logger.ts'
import type { WorkerMessage } from './messages.ts'
import { decideWorkerRestart, type WorkerGiveUpReason } from './restart-policy.ts'
import { createWorkerSlot, type WorkerExit, type WorkerSlot } from './worker-slot.ts'

export interface WorkerPool {
  readonly slots: readonly WorkerSlot[]
  start(): void
  /** Stops all workers, and restarts none from now on; `onEnded` follows when the last one has exited. */
  stop(reason: string): void
  kill(): void
}

export interface WorkerPoolOptions {
  readonly workers: number
  readonly port: number
  readonly opsPort: number
  readonly environment: Readonly<Record<string, string>>
  readonly log: Logger
  onMessage(slot: WorkerSlot, message: WorkerMessage): void
  /** Called when a process ended, expected or not. */
  onGone(number: number): void
  onDied(): void
  onGiveUp(reason: WorkerGiveUpReason): void
  /** Called after `stop`, when all have exited, whether in order or not. */
  onEnded(inOrder: boolean): void
}

/** A Ctrl-C reaches every process of the group, and ends one that does not listen for signals yet. */
function hasEndedInOrder({ exitCode, signal }: WorkerExit, isStarted: boolean): boolean {
  return exitCode === 0 || (!isStarted && (signal === 'SIGINT' || signal === 'SIGTERM'))
}

/**
 * Starts all workers of an app, and restarts each one as {@link decideWorkerRestart} decides, until they are stopped.
 */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const { log } = options
  const deathTimes = new Map<number, readonly number[]>()
  const restarts = new Set<NodeJS.Timeout>()
  const started = new Set<number>()
  let anyStarted = false
  let stopping = false
  let inOrder = true

  const endWhenEmpty = () => {
    if (stopping && slots.every((slot) => !slot.running())) options.onEnded(inOrder)
  }
  const restart = (slot: WorkerSlot, inMs: number) => {
    const timer = setTimeout(() => {
      restarts.delete(timer)
      slot.start()
    }, inMs)
    restarts.add(timer)
  }
  const judge = (slot: WorkerSlot, { pid, exitCode, signal, livedMs }: WorkerExit) => {
    options.onDied()
    const known = { deathTimes: deathTimes.get(slot.number) ?? [], now: performance.now(), anyStarted }
    const decision = decideWorkerRestart({ exitCode, livedMs, ...known })
    const died = { worker: slot.number, workerPid: pid, exitCode, signal }
    if (decision.kind === 'give-up') {
      log.error(died, 'worker died')
      options.onGiveUp(decision.reason)
      return
    }
    deathTimes.set(slot.number, decision.deathTimes)
    log.warn({ ...died, restartInMs: decision.inMs }, 'worker died')
    restart(slot, decision.inMs)
  }
  const onExit = (slot: WorkerSlot, exit: WorkerExit) => {
    options.onGone(slot.number)
    const isStarted = started.delete(slot.number)
    if (!stopping) judge(slot, exit)
    else if (!hasEndedInOrder(exit, isStarted)) inOrder = false
    endWhenEmpty()
  }
  const onMessage = (slot: WorkerSlot, message: WorkerMessage) => {
    if (message.floodgate === 'started') {
      anyStarted = true
      started.add(slot.number)
      log.info({ worker: slot.number, workerPid: slot.pid() }, 'worker started')
    }
    options.onMessage(slot, message)
  }

  const slots = Array.from({ length: options.workers }, (_, index) => {
    const slot: WorkerSlot = createWorkerSlot({
      number: index + 1,
      port: options.port,
      opsPort: options.opsPort,
      environment: options.environment,
      onMessage: (message) => onMessage(slot, message),
      onExit: (exit) => onExit(slot, exit),
    })
    return slot
  })
  return {
    slots,
    start: () => {
      for (const slot of slots) slot.start()
    },
    stop: (reason) => {
      stopping = true
      for (const timer of restarts) clearTimeout(timer)
      for (const slot of slots) slot.tell({ floodgate: 'stop', reason })
      endWhenEmpty()
    },
    kill: () => {
      for (const slot of slots) slot.kill()
    },
  }
}
