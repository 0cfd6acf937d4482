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
import type { NoteTime } from './response-times.ts'

const RESPONSE_MS_MAX = 60_000
const PATIENCE_MS = 300_000
const REPEATED: readonly number[] = [408, 429, 503]
const RETRY_MS_MAX = 2_000

/** Makes one request to a whole URL. */
export const send: Send = createSend({ urls: [''], msMax: RESPONSE_MS_MAX })

/** Makes one attempt at an app's next replica. `noteTime` gets the duration of each response, and the errors of the others. */
export function sendTo(urls: readonly string[], noteTime?: NoteTime): Send {
  const sendOnce = createSend({ urls, msMax: RESPONSE_MS_MAX })
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

/** Repeats requests that were lost or received 408, 429 or 503, each of which must be a valid problem. */
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

/** Returns the problem of a response, in English. Throws for another body, or a problem that contradicts itself. */
export function problemOf(received: Received): ProblemBody {
  const problem = readProblem(received)
  if (problem.title !== problemKinds[problem.code].title)
    throw new UnexpectedResponse(received, 'with a different title')
  return problem
}

export function isProblem(received: Received, code: ProblemCode): boolean {
  return received.status >= 400 && problemOf(received).code === code
}

/** Expects a problem of this code, and returns it. */
export function expectProblem(received: Received, code: ProblemCode): ProblemBody {
  const problem = problemOf(received)
  if (problem.code !== code) throw new UnexpectedResponse(received, `not the problem ${code}`)
  return problem
}
