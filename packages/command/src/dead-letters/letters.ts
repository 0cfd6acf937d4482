import { type AnyResponse, bodyOf, type Client } from '@floodgate/client'
import {
  type DeadLetter,
  type DeadLetterPage,
  deadLetterGroup,
  deadLetterId,
  deadLetterRoutes,
} from '@floodgate/contracts'
import type { AppClients } from '../apps.ts'
import { APP_NAMES, type AppName } from '../settings.ts'
import { UsageError } from '../usage-error.ts'

export type Order = 'newest' | 'oldest'
/** What happened to one letter. */
export interface LetterOutcome {
  readonly id: string
  readonly outcome: string
  readonly reason: string | null
}
/** What happened to the letters of one request. */
export interface Answered {
  readonly letters: readonly LetterOutcome[]
  /** The request was sent more than once: missing letters may be its own effect. */
  readonly repeated: boolean
}

/** The dead letters of one group. */
export interface Letters {
  page(order: Order, cursor?: string): Promise<DeadLetterPage>
  read(id: string): Promise<DeadLetter>
  replay(ids: readonly string[]): Promise<Answered>
  drop(ids: readonly string[]): Promise<Answered>
}

type AppLetters = Client<typeof deadLetterRoutes>

/** Opens the dead letters of a group, which is named after its app. Throws {@link UsageError} for another name. */
export function openLetters(apps: AppClients, group: string): Letters {
  if (!deadLetterGroup.safeParse(group).success)
    throw new UsageError(`A group is called like order-core.saga, not "${group}".`)
  const client: AppLetters = apps.of(appOf(group), deadLetterRoutes)
  const repeated = ({ attempts }: AnyResponse) => attempts > 1
  return {
    page: (order, cursor) => bodyOf(client.listDeadLetters({ params: { group }, query: { order, cursor } })),
    read: (id) => bodyOf(client.readDeadLetter({ params: { group, id } })),
    async replay(ids) {
      const response = await client.replayDeadLetters({ params: { group }, body: { ids: [...ids] } })
      const { letters } = await bodyOf(response)
      return { letters, repeated: repeated(response) }
    },
    async drop(ids) {
      const response = await client.dropDeadLetters({ params: { group }, body: { ids: [...ids] } })
      const dropped = new Set((await bodyOf(response)).dropped)
      const letters = ids.map((id) => ({ id, outcome: dropped.has(id) ? 'dropped' : 'missing', reason: null }))
      return { letters, repeated: repeated(response) }
    },
  }
}

function appOf(group: string): AppName {
  const app = APP_NAMES.find((name) => group.startsWith(`${name}.`))
  if (app === undefined) throw new UsageError(`No app consumes as ${group}: groups begin with ${APP_NAMES.join(', ')}.`)
  return app
}

/** Checks the ids of a command line, and returns each once. Throws {@link UsageError}. */
export function checkedIds(ids: readonly string[]): readonly string[] {
  const wrong = ids.find((id) => !deadLetterId.safeParse(id).success)
  if (wrong !== undefined)
    throw new UsageError(`"${wrong}" is not the id of a dead letter; dead-letters list shows them.`)
  return [...new Set(ids)]
}
