import { pauseMs, spreadMs } from '../shared/backoff.ts'
import type { Answer } from '../shared/http.ts'
import { isPassing } from '../shared/problem.ts'
import { type Waker, waitFor } from '../shared/wait.ts'
import type { Identity } from './identity.ts'
import type { Job } from './jobs.ts'
import type { Model } from './model.ts'
import type { PageEvent } from './reduce.ts'

export interface JobContext {
  readonly sale: string
  readonly orderCoreUrl: string
  readonly notifierUrl: string
  readonly waker: Waker
  /** Where the buyer came from, if the page's address says so. */
  readonly returnUrl?: string | undefined
  /** The buyer's account at the shop, if the page came with one. */
  readonly identity?: Pick<Identity, 'current' | 'drop'>
  model(): Model
  dispatch(pageEvent: PageEvent): void
  /** Opens an address at the shop in place of the page, so that the way back does not lead here. */
  goTo(url: string): void
  /** Returns the server's time. */
  now(): number
}

export type Work<Kind extends Job['kind']> = (
  job: Extract<Job, { kind: Kind }>,
  context: JobContext,
  signal: AbortSignal,
) => Promise<void>

export function isUp(answer: Answer<unknown>) {
  return answer.kind === 'answer' || (answer.kind === 'refused' && !isPassing(answer.problem))
}

export function pauseAfter(answer: Answer<unknown>, { failures, normalMs }: { failures: number; normalMs: number }) {
  if (answer.kind === 'answer') return spreadMs(normalMs, Math.random())
  const wish = answer.kind === 'refused' ? answer.problem.retryAfterMs : undefined
  return wish === undefined ? pauseMs(failures, Math.random()) : spreadMs(wish, Math.random())
}

/** Polls until `isEnough` returns true or the job is no longer wanted. */
export async function poll<Body>(options: {
  question(): Promise<Answer<Body>>
  hear(answer: Answer<Body>): void
  everyMs: number
  context: JobContext
  signal: AbortSignal
}) {
  let failures = 0
  while (!options.signal.aborted) {
    const answer = await options.question()
    if (options.signal.aborted) return
    failures = answer.kind === 'answer' ? 0 : failures + 1
    options.hear(answer)
    const pause = pauseAfter(answer, { failures, normalMs: options.everyMs })
    await waitFor(pause, { signal: options.signal, waker: options.context.waker })
  }
}
