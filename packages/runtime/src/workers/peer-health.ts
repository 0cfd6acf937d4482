import type { Readiness } from '@floodgate/contracts'
import { AppError } from '../app-error.ts'
import { mergeMetrics } from './merge-metrics.ts'
import { mergeReadiness } from './merge-readiness.ts'
import { asPrimaryMessage, type Gathered, type Question, type Replies, type WorkerMessage } from './messages.ts'

/** The data of `/readyz` and `/metrics`: about this process, or about all workers behind its port. */
export interface Health {
  readiness(): Promise<Readiness>
  /** Prometheus text. */
  metrics(): Promise<string>
}

/** The data that this process reports about itself. */
export type OwnReplies = { readonly [Asked in Question]: () => Promise<Replies[Asked]> }

/** The channel to the primary; `process` in a worker. */
export interface PrimaryChannel {
  send(message: WorkerMessage): void
  onMessage(listener: (message: unknown) => void): void
}

/**
 * Time limit of a query to the primary, longer than the primary waits for its workers: beyond it the primary itself is
 * unresponsive.
 */
const PRIMARY_MS_MAX = 4_000

/**
 * Reports the health of all workers, whichever of them a request reaches. Replies to the primary's queries about this
 * worker, and queries the primary for the replies of all.
 */
export function createPeerHealth(channel: PrimaryChannel, own: OwnReplies): Health {
  const waiting = new Map<number, (gathered: Gathered) => void>()
  let lastId = 0

  const reply = async (id: number, question: Question): Promise<void> => {
    channel.send({ floodgate: 'answer', id, body: await own[question]() })
  }
  channel.onMessage((received) => {
    const message = asPrimaryMessage(received)
    if (message?.floodgate === 'question') {
      // A worker that fails to reply counts as silent.
      reply(message.id, message.question).catch(() => undefined)
    }
    if (message?.floodgate === 'gathered') waiting.get(message.id)?.(message.gathered)
  })

  const ask = async <Asked extends Question>(question: Asked): Promise<Gathered<Asked> | undefined> => {
    const id = ++lastId
    const gathered = Promise.withResolvers<Gathered | undefined>()
    waiting.set(id, gathered.resolve)
    const patience = setTimeout(() => gathered.resolve(undefined), PRIMARY_MS_MAX)
    channel.send({ floodgate: 'ask', id, question })
    const result = await gathered.promise
    clearTimeout(patience)
    waiting.delete(id)
    return result as Gathered<Asked> | undefined
  }
  return {
    readiness: async () => {
      const gathered = await ask('readiness')
      if (gathered !== undefined) return mergeReadiness(gathered.replies)
      return {
        ready: false,
        degraded: [],
        checks: { workers: { ready: false, detail: 'the primary does not respond' } },
      }
    },
    metrics: async () => {
      const gathered = await ask('metrics')
      if (gathered !== undefined) return mergeMetrics(gathered)
      throw new AppError('unavailable', { detail: 'The primary does not respond.', retryAfterSeconds: 1 })
    },
  }
}
