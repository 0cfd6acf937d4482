import { setTimeout as delay } from 'node:timers/promises'
import {
  type DeadLetter,
  type DeadLetterGroups,
  type DeadLetterPage,
  type DeadLettersDropped,
  type DeadLettersReplayed,
  deadLetter,
  deadLetterGroups,
  deadLetterPage,
  deadLettersDropped,
  deadLettersReplayed,
  problemBody,
} from '@floodgate/contracts'
import type { z } from 'zod'
import type { Apps } from '../operator/find-apps.ts'

/** Longer than an app takes before it answers 503. */
const ANSWER_MS_MAX = 20_000
const TRIES = 5
const SECOND_MS = 1_000

/** The dead-letter routes of all apps. Every method throws what to tell the operator. */
export interface Client {
  groups(): Promise<DeadLetterGroups['groups']>
  page(group: string, query: { order: 'newest' | 'oldest'; cursor?: string | undefined }): Promise<DeadLetterPage>
  read(group: string, id: string): Promise<DeadLetter | undefined>
  replay(group: string, ids: readonly string[]): Promise<DeadLettersReplayed & Sent>
  drop(group: string, ids: readonly string[]): Promise<DeadLettersDropped & Sent>
}

interface Sent {
  /** The app answered 503 before: what that request began went on, and may be done. */
  readonly repeated: boolean
}

export function createClient({ urls, adminToken }: Apps, fetch: typeof globalThis.fetch = globalThis.fetch): Client {
  async function fetchOnce(app: string, path: string, body: object | undefined): Promise<Response> {
    try {
      return await fetch(new URL(path, urls[app]), {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    } catch (cause) {
      const why = cause instanceof Error ? String(cause.cause ?? cause.message) : String(cause)
      throw new Error(`${app} does not answer at ${urls[app]}: ${why}`, { cause })
    }
  }
  /** Undefined for 404. A 503 is repeated: all of the routes may be. */
  async function ask<Schema extends z.ZodType>(app: string, path: string, schema: Schema, body?: object) {
    if (urls[app] === undefined)
      throw new Error(`no app consumes as ${app}.…: known are ${Object.keys(urls).join(', ')}`)
    for (let attempt = 1; ; attempt += 1) {
      const response = await fetchOnce(app, path, body)
      const text = await response.text()
      if (response.status === 503 && attempt < TRIES) {
        await delay(Number(response.headers.get('retry-after') ?? 1) * SECOND_MS)
        continue
      }
      if (response.status === 404) return undefined
      if (response.ok) {
        const content: z.infer<Schema> = schema.parse(JSON.parse(text))
        return { content, repeated: attempt > 1 }
      }
      throw new Error(`${app} refused with ${response.status}: ${problemIn(text)}`)
    }
  }
  async function askOfGroup<Schema extends z.ZodType>(group: string, path: string, schema: Schema, body?: object) {
    const answer = await ask(appOf(group), `/admin/dead-letters/${group}${path}`, schema, body)
    if (answer === undefined) throw new Error(`there is no group ${group}; list shows them all`)
    return answer
  }
  return {
    async groups() {
      const all = await Promise.all(
        Object.keys(urls).map(async (app) => (await ask(app, '/admin/dead-letters', deadLetterGroups))?.content.groups),
      )
      return all.flatMap((groups) => groups ?? [])
    },
    async page(group, { order, cursor }) {
      const query = `?order=${order}${cursor === undefined ? '' : `&cursor=${cursor}`}`
      return (await askOfGroup(group, query, deadLetterPage)).content
    },
    async read(group, id) {
      return (await ask(appOf(group), `/admin/dead-letters/${group}/${id}`, deadLetter))?.content
    },
    async replay(group, ids) {
      const { content, repeated } = await askOfGroup(group, '/replay', deadLettersReplayed, { ids })
      return { ...content, repeated }
    },
    async drop(group, ids) {
      const { content, repeated } = await askOfGroup(group, '/drop', deadLettersDropped, { ids })
      return { ...content, repeated }
    },
  }
}

const appOf = (group: string): string => group.split('.', 1)[0] ?? ''

function problemIn(text: string): string {
  try {
    const problem = problemBody.safeParse(JSON.parse(text))
    return problem.success ? `${problem.data.code}, ${problem.data.detail}` : text
  } catch {
    return text
  }
}
