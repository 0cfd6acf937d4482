import { deadLetterIds, deadLetterRoutes, type ReplayOutcome } from '@floodgate/contracts'
import { AppError, type Logger } from '@floodgate/runtime'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { readJsonBody } from '../requests/json-body.ts'
import { NO_STORE } from '../responses/no-store.ts'
import { maskText } from './mask.ts'
import { letterOf, type StoredLetter, summaryOf } from './show.ts'

/** What the routes need of the event bus for one group. Whatever it throws means that the bus is away. */
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
  /** In which this app consumes. */
  readonly groups: readonly string[]
  readonly log: Logger
}

/**
 * Longer than a replay may take: 8 s until its letters are found (a cold reader of Kafka's, many letters), 2.5 s for the handler,
 * and their removal.
 */
const ANSWER_MS_MAX = 15_000
const RETRY_AFTER_SECONDS = 2

/**
 * Mounts what an operator does about dead letters. Each act is a line in the log, also when it
 * ends after its request was answered 503.
 */
export function mountDeadLetterRoutes(app: OpenAPIHono, deps: DeadLetterRoutesDeps): void {
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

  app.openapi(deadLetterRoutes.countDeadLetters, async (c) => {
    const counts = deps.groups.map(async (group) => ({ group, letters: await deps.deadLetters(group).count() }))
    return c.json({ groups: await orUnavailable(Promise.all(counts)) }, 200, NO_STORE)
  })
  app.openapi(deadLetterRoutes.listDeadLetters, async (c) => {
    const { group } = c.req.valid('param')
    const { order, limit, cursor: after } = c.req.valid('query')
    const { letters, next } = await orUnavailable(lettersOf(group).list({ order, limit, after }))
    return c.json({ letters: letters.map((letter) => summaryOf(group, letter)), next }, 200, NO_STORE)
  })
  app.openapi(deadLetterRoutes.readDeadLetter, async (c) => {
    const { group, id } = c.req.valid('param')
    const letter = await orUnavailable(lettersOf(group).read(id))
    if (letter === undefined) throw new AppError('not-found')
    return c.json(letterOf(group, letter), 200, NO_STORE)
  })
  // By hand, since a body is to be refused as everywhere: by its media type, its size, its content.
  app.post('/admin/dead-letters/:group/replay', async (c) => {
    const { ids } = await readJsonBody(c, deadLetterIds)
    const group = c.req.param('group')
    const letters = await orUnavailable(replayAndLog(group, lettersOf(group), ids))
    return c.json({ letters }, 200, NO_STORE)
  })
  app.post('/admin/dead-letters/:group/drop', async (c) => {
    const { ids } = await readJsonBody(c, deadLetterIds)
    const group = c.req.param('group')
    return c.json({ dropped: [...(await drop(group, ids))] }, 200, NO_STORE)
  })
  app.openapi(deadLetterRoutes.dropDeadLetter, async (c) => {
    const { group, id } = c.req.valid('param')
    if ((await drop(group, [id])).length === 0) throw new AppError('not-found')
    return c.body(null, 204, NO_STORE)
  })
}

async function orUnavailable<Result>(work: Promise<Result>): Promise<Result> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('The event bus did not answer in time.')), ANSWER_MS_MAX)
  try {
    return await Promise.race([work, late.promise])
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('unavailable', { cause, retryAfterSeconds: RETRY_AFTER_SECONDS })
  } finally {
    clearTimeout(timer)
  }
}
