import { pauseMs, spreadMs } from '../shared/backoff.ts'
import type { Reply } from '../shared/http.ts'
import { isPassing } from '../shared/problem.ts'
import { type Waker, waitFor } from '../shared/wait.ts'
import type { Identity } from './identity.ts'
import type { Job } from './jobs.ts'
import type { Model } from './model.ts'
import type { PageEvent } from './page-event.ts'

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

export function isUp(reply: Reply<unknown>) {
  return reply.kind === 'success' || (reply.kind === 'rejected' && !isPassing(reply.problem))
}

export function pauseAfter(reply: Reply<unknown>, { failures, normalMs }: { failures: number; normalMs: number }) {
  if (reply.kind === 'success') return spreadMs(normalMs, Math.random())
  const wish = reply.kind === 'rejected' ? reply.problem.retryAfterMs : undefined
  return wish === undefined ? pauseMs(failures, Math.random()) : spreadMs(wish, Math.random())
}

/** Polls until `isEnough` returns true or the job is no longer wanted. */
export async function poll<Body>(options: {
  request(): Promise<Reply<Body>>
  onReply(reply: Reply<Body>): void
  everyMs: number
  context: JobContext
  signal: AbortSignal
}) {
  let failures = 0
  while (!options.signal.aborted) {
    const reply = await options.request()
    if (options.signal.aborted) return
    failures = reply.kind === 'success' ? 0 : failures + 1
    options.onReply(reply)
    const pause = pauseAfter(reply, { failures, normalMs: options.everyMs })
    await waitFor(pause, { signal: options.signal, waker: options.context.waker })
  }
}
