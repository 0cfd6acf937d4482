import type { Readiness } from '@floodgate/contracts'
import { AppError } from '../app-error.ts'
import { mergeMetrics } from './merge-metrics.ts'
import { mergeReadiness } from './merge-readiness.ts'
import { type Answers, asPrimaryMessage, type Gathered, type Question, type WorkerMessage } from './messages.ts'

/** What `/readyz` and `/metrics` report: of this process, or of all workers behind its port. */
export interface Health {
  readiness(): Promise<Readiness>
  /** Prometheus text. */
  metrics(): Promise<string>
}

/** What this process can say about itself. */
export type OwnAnswers = { readonly [Asked in Question]: () => Promise<Answers[Asked]> }

/** The way to the primary and back; `process` in a worker. */
export interface PrimaryChannel {
  send(message: WorkerMessage): void
  onMessage(listener: (message: unknown) => void): void
}

/** The primary waits for its workers first: longer than this and it is the primary that does not answer. */
const PRIMARY_MS_MAX = 4_000

/**
 * Reports the health of all workers, whichever of them a request reaches: replies to the primary's questions about this worker,
 * and asks the primary for the replies of all.
 */
export function createPeerHealth(channel: PrimaryChannel, own: OwnAnswers): Health {
  const waiting = new Map<number, (gathered: Gathered) => void>()
  let lastId = 0

  const answer = async (id: number, question: Question): Promise<void> => {
    channel.send({ floodgate: 'answer', id, body: await own[question]() })
  }
  channel.onMessage((received) => {
    const message = asPrimaryMessage(received)
    if (message?.floodgate === 'question') {
      // Without an answer this worker counts as silent, which is what it then is.
      answer(message.id, message.question).catch(() => undefined)
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
        checks: { workers: { ready: false, detail: 'the primary does not answer' } },
      }
    },
    metrics: async () => {
      const gathered = await ask('metrics')
      if (gathered !== undefined) return mergeMetrics(gathered)
      throw new AppError('unavailable', { detail: 'The primary does not answer.', retryAfterSeconds: 1 })
    },
  }
}
