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
import type { Apps } from './find-apps.ts'

const ANSWER_MS_MAX = 15_000
const TRIES = 5
const SECOND_MS = 1_000

/** The dead-letter routes of all apps. Every method throws what to tell the operator. */
export interface Client {
  groups(): Promise<DeadLetterGroups['groups']>
  page(group: string, query: { order: 'newest' | 'oldest'; cursor?: string | undefined }): Promise<DeadLetterPage>
  read(group: string, id: string): Promise<DeadLetter | undefined>
  replay(group: string, ids: readonly string[]): Promise<DeadLettersReplayed['letters']>
  drop(group: string, ids: readonly string[]): Promise<DeadLettersDropped['dropped']>
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
      if (response.ok) return schema.parse(JSON.parse(text)) as z.infer<Schema>
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
        Object.keys(urls).map(async (app) => (await ask(app, '/admin/dead-letters', deadLetterGroups))?.groups ?? []),
      )
      return all.flat()
    },
    page: (group, { order, cursor }) =>
      askOfGroup(group, `?order=${order}${cursor === undefined ? '' : `&cursor=${cursor}`}`, deadLetterPage),
    read: (group, id) => ask(appOf(group), `/admin/dead-letters/${group}/${id}`, deadLetter),
    replay: async (group, ids) => (await askOfGroup(group, '/replay', deadLettersReplayed, { ids })).letters,
    drop: async (group, ids) => (await askOfGroup(group, '/drop', deadLettersDropped, { ids })).dropped,
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
