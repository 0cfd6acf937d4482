import {
  createSend,
  type Received,
  problemOf as readProblem,
  retryAfterMs,
  type Send,
  sendPatiently,
  UnexpectedResponse,
} from '@floodgate/client'
import { type ProblemBody, type ProblemCode, problemKinds } from '@floodgate/contracts'
import type { NoteTime } from './answer-times.ts'

const ANSWER_MS_MAX = 60_000
const PATIENCE_MS = 300_000
const REPEATED: readonly number[] = [408, 429, 503]
const RETRY_MS_MAX = 2_000

/** One request to a whole URL. */
export const send: Send = createSend({ urls: [''], msMax: ANSWER_MS_MAX })

/** One attempt at the next of an app's replicas. `noteTime` learns how long each answer took, and what the others failed with. */
export function sendTo(urls: readonly string[], noteTime?: NoteTime): Send {
  const sendOnce = createSend({ urls, msMax: ANSWER_MS_MAX })
  if (noteTime === undefined) return sendOnce
  return async function sendAndNote(method, path, outgoing) {
    const startedMs = performance.now()
    const sending = sendOnce(method, path, outgoing)
    const [outcome] = await Promise.allSettled([sending])
    const ended = outcome.status === 'fulfilled' ? outcome.value.status : String(outcome.reason)
    noteTime({ request: `${method} ${path}`, ended, ms: performance.now() - startedMs })
    return await sending
  }
}

/** Repeats what was lost on the way or answered 408, 429 or 503, each of which has to be a proper problem. */
export function patiently(sendOnce: Send): Send {
  async function sendAndCheck(...request: Parameters<Send>): Promise<Received> {
    const received = await sendOnce(...request)
    if (REPEATED.includes(received.status)) problemOf(received)
    return received
  }
  return sendPatiently(sendAndCheck, {
    ...{ msMax: PATIENCE_MS, statuses: REPEATED, pauseMsMax: RETRY_MS_MAX },
    isRetriable: (error) => !(error instanceof UnexpectedResponse),
  })
}

export function pauseAfter(received: Received): number {
  return Math.min(RETRY_MS_MAX, retryAfterMs(received))
}

/** The problem that a response is, in English; throws when it is none, or one that contradicts itself. */
export function problemOf(received: Received): ProblemBody {
  const problem = readProblem(received)
  if (problem.title !== problemKinds[problem.code].title) throw new UnexpectedResponse(received, 'with another title')
  return problem
}

export function isProblem(received: Received, code: ProblemCode): boolean {
  return received.status >= 400 && problemOf(received).code === code
}

/** The problem of this code that a response must be. */
export function expectProblem(received: Received, code: ProblemCode): ProblemBody {
  const problem = problemOf(received)
  if (problem.code !== code) throw new UnexpectedResponse(received, `not the refusal ${code}`)
  return problem
}
