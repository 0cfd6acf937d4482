import { deadLetterRoutes as contracts, type ReplayOutcome } from '@floodgate/contracts'
import { AppError, type Logger } from '@floodgate/runtime'
import { NO_STORE } from '../responses/no-store.ts'
import { handle } from '../routes/handle.ts'
import type { Route } from '../routes/route.ts'
import { maskText } from './mask.ts'
import { letterOf, type StoredLetter, summaryOf } from './show.ts'

/**
 * The part of the event bus that the routes need for one group. Any error that it throws means that the bus is
 * unavailable.
 */
export interface DeadLetterSource {
  list(query: { order: 'oldest' | 'newest'; limit: number; after?: string | undefined }): Promise<{
    readonly letters: readonly StoredLetter[]
    readonly next: string | null
  }>
  read(id: string): Promise<StoredLetter | undefined>
  replay(
    ids: readonly string[],
  ): Promise<readonly { readonly id: string; readonly kind: ReplayOutcome; readonly reason?: string }[]>
  drop(ids: readonly string[]): Promise<readonly string[]>
  count(): Promise<number>
}

export interface DeadLetterRoutesDeps {
  deadLetters(group: string): DeadLetterSource
  /** The groups in which this app consumes. */
  readonly groups: readonly string[]
  readonly log: Logger
}

/**
 * Longer than a replay may take: 8 s to find its letters (a cold Kafka reader, many letters), 2.5 s for the handler,
 * and their removal.
 */
const RESPONSE_MS_MAX = 15_000
const RETRY_AFTER_SECONDS = 2

/**
 * Serves the operator's routes for dead letters. Logs each action, also one that ends after its request got 503.
 */
export function createDeadLetterRoutes(deps: DeadLetterRoutesDeps): readonly Route[] {
  const { log } = deps

  function lettersOf(group: string): DeadLetterSource {
    if (!deps.groups.includes(group))
      throw new AppError('not-found', { detail: `This app does not consume as ${group}.` })
    return deps.deadLetters(group)
  }
  async function dropAndLog(group: string, source: DeadLetterSource, ids: readonly string[]) {
    const letters = await source.drop(ids)
    log.warn({ step: 'dead-letters.dropped', group, letters }, 'dead letters dropped by the operator')
    return letters
  }
  async function replayAndLog(group: string, source: DeadLetterSource, ids: readonly string[]) {
    const letters = (await source.replay(ids)).map(({ id, kind, reason }) => ({
      ...{ id, outcome: kind },
      reason: reason === undefined ? null : maskText(reason),
    }))
    log.warn({ step: 'dead-letters.replayed', group, letters }, 'dead letters replayed by the operator')
    return letters
  }
  const drop = (group: string, ids: readonly string[]) => orUnavailable(dropAndLog(group, lettersOf(group), ids))

  return [
    handle(contracts.countDeadLetters, async function countDeadLetters(_, reply) {
      const counts = deps.groups.map(async (group) => ({ group, letters: await deps.deadLetters(group).count() }))
      return reply(200, { groups: await orUnavailable(Promise.all(counts)) }, NO_STORE)
    }),
    handle(contracts.listDeadLetters, async function listDeadLetters({ params, query }, reply) {
      const { group } = params
      const { order, limit, cursor: after } = query
      const { letters, next } = await orUnavailable(lettersOf(group).list({ order, limit, after }))
      return reply(200, { letters: letters.map((letter) => summaryOf(group, letter)), next }, NO_STORE)
    }),
    handle(contracts.readDeadLetter, async function readDeadLetter({ params: { group, id } }, reply) {
      const letter = await orUnavailable(lettersOf(group).read(id))
      if (letter === undefined) throw new AppError('not-found')
      return reply(200, letterOf(group, letter), NO_STORE)
    }),
    handle(contracts.replayDeadLetters, async function replayDeadLetters(request, reply) {
      const { ids } = await request.body()
      const { group } = request.params
      const letters = await orUnavailable(replayAndLog(group, lettersOf(group), ids))
      return reply(200, { letters }, NO_STORE)
    }),
    handle(contracts.dropDeadLetters, async function dropDeadLetters(request, reply) {
      const { ids } = await request.body()
      return reply(200, { dropped: [...(await drop(request.params.group, ids))] }, NO_STORE)
    }),
    handle(contracts.dropDeadLetter, async function dropDeadLetter({ params: { group, id } }, reply) {
      if ((await drop(group, [id])).length === 0) throw new AppError('not-found')
      return reply(204, undefined, NO_STORE)
    }),
  ]
}

async function orUnavailable<Result>(work: Promise<Result>): Promise<Result> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('The event bus did not respond in time.')), RESPONSE_MS_MAX)
  try {
    return await Promise.race([work, late.promise])
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('unavailable', { cause, retryAfterSeconds: RETRY_AFTER_SECONDS })
  } finally {
    clearTimeout(timer)
  }
}
