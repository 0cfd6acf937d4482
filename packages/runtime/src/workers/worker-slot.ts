import cluster, { type Worker } from 'node:cluster'
import { identityVariables } from './identity.ts'
import { asWorkerMessage, type PrimaryMessage, type WorkerMessage } from './messages.ts'

export interface WorkerExit {
  readonly pid: number | undefined
  readonly exitCode: number | null
  readonly signal: string | null
  readonly livedMs: number
}

/** One worker's number, and the process that currently has it. */
export interface WorkerSlot {
  readonly number: number
  running(): boolean
  pid(): number | undefined
  start(): void
  /** Does nothing while the worker is down. */
  tell(message: PrimaryMessage): void
  kill(): void
}

export function createWorkerSlot(options: {
  number: number
  port: number
  opsPort: number
  environment: Readonly<Record<string, string>>
  onMessage(message: WorkerMessage): void
  onExit(exit: WorkerExit): void
}): WorkerSlot {
  const { number, port, opsPort } = options
  let run = 0
  let current: Worker | undefined
  return {
    number,
    running: () => current !== undefined,
    pid: () => current?.process.pid,
    start: () => {
      run += 1
      const startedAt = performance.now()
      const worker = cluster.fork({ ...options.environment, ...identityVariables({ number, run, port, opsPort }) })
      current = worker
      let over = false
      const end = (exitCode: number | null, signal: string | null) => {
        if (over) return
        over = true
        current = undefined
        options.onExit({ pid: worker.process.pid, exitCode, signal, livedMs: performance.now() - startedAt })
      }
      worker.on('message', (received) => {
        const message = asWorkerMessage(received)
        if (message !== undefined) options.onMessage(message)
      })
      worker.on('exit', end)
      // A process that could not be forked emits no exit.
      worker.on('error', () => {
        if (worker.process.pid === undefined) end(null, null)
      })
    },
    tell: (message) => {
      // It may die while the message is in transit: its exit is the signal.
      if (current?.isConnected()) current.process.send?.(message, undefined, undefined, () => undefined)
    },
    kill: () => void current?.process.kill('SIGKILL'),
  }
}
