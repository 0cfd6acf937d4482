import { setTimeout as delay } from 'node:timers/promises'
import { type ProblemBody, type ProblemCode, problemBody, problemKinds, problemType } from '@floodgate/contracts'
import type { z } from 'zod'
import type { NoteTime } from './answer-times.ts'

/** What a request sends besides its method and address. */
export interface Sent {
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is, for bodies that are no JSON. */
  readonly raw?: string
}

export interface Answer {
  /** `POST http://…/orders`, for messages. */
  readonly request: string
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

const ANSWER_MS_MAX = 60_000

/** One request, one answer; throws when there is none. */
export async function send(method: string, url: string, sent: Sent = {}): Promise<Answer> {
  const body = sent.raw ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body))
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...sent.headers },
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
    ...(body === undefined ? {} : { body }),
  })
  return {
    request: `${method} ${url}`,
    status: response.status,
    headers: response.headers,
    text: await response.text(),
  }
}

/** The body of an answer of one of these statuses, read with the contract's strict schema. Throws for any other answer. */
export function bodyOf<Schema extends z.ZodType>(
  answer: Answer,
  schema: Schema,
  ...statuses: readonly number[]
): z.infer<Schema> {
  const wanted = statuses.length === 0 ? [200] : statuses
  if (!wanted.includes(answer.status)) throw unexpected(answer, `not ${wanted.join(' or ')}`)
  const parsed = schema.safeParse(JSON.parse(answer.text))
  if (!parsed.success) throw unexpected(answer, `which breaks its contract: ${parsed.error.message}`)
  return parsed.data
}

/** The problem an answer is (RFC 9457); throws when it is none, or one that contradicts itself. */
export function problemOf(answer: Answer): ProblemBody {
  if (answer.headers.get('content-type') !== 'application/problem+json') throw unexpected(answer, 'which is no problem')
  const parsed = problemBody.safeParse(JSON.parse(answer.text))
  if (!parsed.success) throw unexpected(answer, `which is no proper problem: ${parsed.error.message}`)
  const { code, type, status, title } = parsed.data
  if (type !== problemType(code) || title !== problemKinds[code].title || status !== answer.status)
    throw unexpected(answer, 'whose members contradict each other')
  return parsed.data
}

export function isProblem(answer: Answer, code: ProblemCode): boolean {
  return answer.status >= 400 && problemOf(answer).code === code
}

/** The problem of this code that an answer must be. */
export function expectProblem(answer: Answer, code: ProblemCode): ProblemBody {
  if (answer.status < 400) throw unexpected(answer, `not the refusal ${code}`)
  const problem = problemOf(answer)
  if (problem.code !== code) throw unexpected(answer, `not the refusal ${code}`)
  return problem
}

const unexpected = (answer: Answer, what: string): Error =>
  new Error(`${answer.request} answered ${answer.status}, ${what}: ${answer.text.slice(0, 600)}`)

export interface Client {
  /** One attempt at the next replica. */
  once(method: string, path: string, sent?: Sent): Promise<Answer>
  /** Like a good client: repeats what was lost on the way or answered 408, 429 or 5xx, as late as `Retry-After` asks. */
  patiently(method: string, path: string, sent?: Sent): Promise<Answer>
}

const PATIENCE_MS = 300_000
const REPEATED: readonly number[] = [408, 429, 503]
const RETRY_MS = 250
const RETRY_MS_MAX = 2_000

/** Goes to an app's replicas in turn. `noteTime` learns how long each answer took, and what the others failed with. */
export function createClient(urls: readonly string[], noteTime?: NoteTime): Client {
  let turn = Math.floor(Math.random() * urls.length)
  const once: Client['once'] = async (method, path, sent) => {
    turn += 1
    const startedMs = performance.now()
    const sending = send(method, `${urls[turn % urls.length]}${path}`, sent)
    if (noteTime === undefined) return await sending
    const [outcome] = await Promise.allSettled([sending])
    const ended = outcome.status === 'fulfilled' ? outcome.value.status : String(outcome.reason)
    noteTime({ request: `${method} ${path}`, ended, ms: performance.now() - startedMs })
    return await sending
  }
  return {
    once,
    async patiently(method, path, sent) {
      const deadline = performance.now() + PATIENCE_MS
      for (;;) {
        const answer = await once(method, path, sent).catch((error: unknown) => error)
        if (isAnswer(answer)) {
          if (answer.status < 500 && !REPEATED.includes(answer.status)) return answer
          if (!REPEATED.includes(answer.status)) throw unexpected(answer, 'which nobody should ever see')
          problemOf(answer)
        }
        if (performance.now() > deadline)
          throw isAnswer(answer) ? unexpected(answer, 'for too long') : (answer as Error)
        await delay(isAnswer(answer) ? pauseAfter(answer) : RETRY_MS)
      }
    },
  }
}

const isAnswer = (value: unknown): value is Answer => typeof value === 'object' && value !== null && 'request' in value

/** As `Retry-After` asks, spread a little so that a crowd does not come back as one. */
export function pauseAfter(answer: Answer): number {
  const asked = Number(answer.headers.get('retry-after') ?? 0) * 1_000
  return Math.min(RETRY_MS_MAX, Math.max(RETRY_MS, asked)) * (0.75 + Math.random() / 2)
}
