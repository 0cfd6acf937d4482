import cluster from 'node:cluster'
import { EXIT_CODE_CONFIGURATION } from '@floodgate/processes'
import { printConfigurationError } from '../configuration-error.ts'
import type { Logger } from '../logger.ts'
import { createKeptCounts } from './kept-counts.ts'
import type { Gathered, Question, WorkerMessage } from './messages.ts'
import { createPrimaryMetrics } from './primary-metrics.ts'
import { claimPort } from './shared-port.ts'
import { createWorkerPool, type WorkerPool } from './worker-pool.ts'
import { createWorkerRequests, type Patience } from './worker-requests.ts'
import type { WorkerSlot } from './worker-slot.ts'

/**
 * How long the primary waits for replies. Each check of `/readyz` has 2 s; the workers are queried over the process
 * channel. A starting or stalled worker does not reply: when another one is ready, that must not delay a probe, which
 * may give up after a second.
 */
const PATIENCE: Readonly<Record<Question, Patience>> = {
  readiness: { withinMs: 2_500, enough: { afterMs: 800, is: (body) => 'ready' in body && body.ready } },
  metrics: { withinMs: 1_000 },
}
/** A worker ends itself after `shutdownSeconds`; this is additional time for its exit. */
const GRACE_MS = 500

export interface PrimaryOptions {
  readonly app: string
  readonly workers: number
  readonly host: string
  /** 0: a free port. */
  readonly port: number
  readonly opsHost: string
  /** 0: a free port. */
  readonly opsPort: number
  readonly shutdownSeconds: number
  /** Settings that are not in the environment: the contents of `.env` when the primary started. */
  readonly environment: Readonly<Record<string, string>>
  readonly log: Logger
}

/**
 * Runs an app as several processes behind one port; the primary itself runs no app. It runs until a signal, a rejected
 * configuration or a failed first start. Then it stops all workers and exits after them: 0 after a signal, 78 for a
 * wrong configuration, 1 when something did not end in order. See docs/adr/0014-workers.md.
 */
export async function runPrimary(options: PrimaryOptions): Promise<void> {
  const { app, log, shutdownSeconds } = options
  const metrics = createPrimaryMetrics(app)
  const kept = createKeptCounts()
  const workerRequests = createWorkerRequests()
  let endsWith: number | undefined

  const end = (exitCode: number, reason: string) => {
    if (endsWith !== undefined) return
    endsWith = exitCode
    log.info({ reason }, 'stopping')
    setTimeout(() => killAll(`not stopped after ${shutdownSeconds} s`), shutdownSeconds * 1_000 + GRACE_MS)
    pool?.stop(reason)
  }
  const killAll = (reason: string) => {
    log.error({ reason }, 'fatal')
    pool?.kill()
    process.exit(1)
  }
  const failStart = (problems: readonly string[]) => {
    // All workers have the same configuration and report the same problems: printed once.
    if (endsWith === undefined) printConfigurationError(app, problems)
    end(EXIT_CODE_CONFIGURATION, 'configuration')
  }
  const gather = async (question: Question): Promise<Gathered> => {
    const askable = (pool?.slots ?? []).map((slot) => ({
      number: slot.number,
      ...(slot.running() && { ask: (id: number) => slot.tell({ floodgate: 'question', id, question }) }),
    }))
    if (question === 'readiness') return { replies: await workerRequests.gather(question, askable, PATIENCE[question]) }
    const complete = kept.begin()
    const replies = await workerRequests.gather('metrics', askable, PATIENCE.metrics)
    metrics.heard(replies)
    return { replies, primary: [...(await metrics.read()), ...complete(replies)] }
  }
  const onMessage = (slot: WorkerSlot, message: WorkerMessage) => {
    if (message.floodgate === 'rejected') failStart(message.problems)
    if (message.floodgate === 'answer') workerRequests.replied(slot.number, message.id, message.body)
    if (message.floodgate !== 'ask') return
    gather(message.question)
      .then((gathered) => slot.tell({ floodgate: 'gathered', id: message.id, gathered }))
      .catch((error: unknown) => log.error({ error }, 'workers not reached'))
  }

  // Uses structured clones: JSON has no NaN, which a gauge may hold.
  cluster.setupPrimary({ serialization: 'advanced' })
  let pool: WorkerPool | undefined
  const onSignal = (signal: NodeJS.Signals) => {
    if (pool === undefined) process.exit(0) // No worker was started.
    if (endsWith === undefined) end(0, signal)
    else killAll('a second signal')
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  const [port, opsPort] = await claimPorts(options)
  pool = createWorkerPool({
    ...options,
    port,
    opsPort,
    onMessage,
    onGone: (worker) => {
      workerRequests.gone(worker)
      kept.gone(worker)
    },
    onDied: metrics.died,
    onGiveUp: (reason) =>
      reason === 'configuration' ? failStart(['a worker rejected its configuration']) : end(1, reason),
    onEnded: (inOrder) => {
      log.info({}, 'stopped')
      process.exit(endsWith === 0 && !inOrder ? 1 : endsWith)
    },
  })
  pool.start()
}

/** Claims the clients' port and the operations port: two different ones, also where both are chosen freely. */
const claimPorts = async ({ host, port, opsHost, opsPort }: PrimaryOptions): Promise<readonly [number, number]> => {
  const claimed = await claimPort({ host, port })
  for (;;) {
    const claimedOps = await claimPort({ host: opsHost, port: opsPort })
    if (claimedOps !== claimed || opsPort !== 0) return [claimed, claimedOps]
  }
}
