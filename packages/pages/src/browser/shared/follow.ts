import { pauseMs, spreadMs } from './backoff.ts'
import type { Reply } from './http.ts'
import { isPassing, type Problem } from './problem.ts'
import { listenTo } from './socket.ts'
import { type Waker, waitFor } from './wait.ts'

const SECOND = 1_000
/** A socket that has been silent this long is checked with a poll. */
const SILENT_MS_MAX = 20 * SECOND
/** After a failed attempt to open a socket, polling continues for this long before the next one. */
const SOCKET_AGAIN_AFTER_MS = 20 * SECOND

export interface Following<News> {
  /** Without a socket there is only polling. */
  readonly socket?: { readonly url: string; readonly token: string | undefined }
  ask(signal: AbortSignal): Promise<Reply<News>>
  /** Returns the interval until the next poll, as requested by the server. */
  pollAfterMs(news: News): number
  /** Tells whether news by the socket leave out something that only a poll tells: it polls at once. */
  needsRead?(news: News): boolean
  /** `live`: by the socket. */
  onNews(news: News, live: boolean): void
  onLink(up: boolean): void
  /** Called for a permanent rejection. Following ends. */
  onRejected(problem: Problem): void
  readonly signal: AbortSignal
  readonly waker: Waker
}

/**
 * Follows live state: by socket, and by polling whenever no socket is available. Ends when aborted or rejected. A
 * wake-up polls at once.
 */
export async function follow<News>(following: Following<News>): Promise<void> {
  const ended = new AbortController()
  const signal = AbortSignal.any([following.signal, ended.signal])
  let connected = false
  let lastNewsAt = 0
  let lacksDetails = false

  const hear = (news: News, live = false) => {
    lastNewsAt = Date.now()
    if (!signal.aborted) following.onNews(news, live)
  }

  const keepSocket = async (address: NonNullable<Following<News>['socket']>) => {
    let failures = 0
    while (!signal.aborted) {
      const end = await listenTo({
        ...address,
        signal,
        onOpen: () => {
          connected = true
          failures = 0
          following.onLink(true)
        },
        onMessage: (message) => {
          // Judged before the page knows the news.
          lacksDetails = following.needsRead?.(message as News) === true || lacksDetails
          hear(message as News, true)
          if (lacksDetails) wakeUp()
        },
      })
      if (connected) wakeUp()
      connected = false
      failures += 1
      const wish = end.kind === 'closed' ? end.reconnectAfterMs : SOCKET_AGAIN_AFTER_MS
      await waitFor(wish ?? pauseMs(failures, Math.random()), { signal, waker: following.waker })
    }
  }

  // Notifies the polling loop that the socket is gone: it takes over at once.
  const changes = new EventTarget()
  const wakeUp = () => changes.dispatchEvent(new Event('wake'))
  const forward = () => wakeUp()
  following.waker.addEventListener('wake', forward)

  const poll = async () => {
    let failures = 0
    let asked = true
    while (!signal.aborted) {
      // A socket with recent messages needs no poll, unless one was requested.
      if (asked || !connected || Date.now() - lastNewsAt > SILENT_MS_MAX) {
        lacksDetails = false
        const reply = await following.ask(signal)
        if (signal.aborted) return
        if (reply.kind === 'rejected' && !isPassing(reply.problem)) {
          following.onRejected(reply.problem)
          ended.abort()
          return
        }
        failures = reply.kind === 'success' ? 0 : failures + 1
        if (reply.kind === 'success') hear(reply.body)
        following.onLink(reply.kind === 'success')
        const wish = reply.kind === 'success' ? following.pollAfterMs(reply.body) : retryAfter(reply)
        const pause = wish === undefined ? pauseMs(failures, Math.random()) : spreadMs(wish, Math.random())
        // News during the poll may be newer than its response.
        asked = lacksDetails || (await wokenWithin(connected ? SILENT_MS_MAX : pause))
      } else asked = await wokenWithin(SILENT_MS_MAX)
    }
  }

  const wokenWithin = async (ms: number): Promise<boolean> => {
    let nudged = false
    const note = () => {
      nudged = true
    }
    changes.addEventListener('wake', note)
    await waitFor(ms, { signal, waker: changes })
    changes.removeEventListener('wake', note)
    return nudged
  }

  const { socket } = following
  await Promise.all([socket === undefined ? undefined : keepSocket(socket), poll()])
  following.waker.removeEventListener('wake', forward)
}

const retryAfter = (reply: Reply<unknown>): number | undefined =>
  reply.kind === 'rejected' ? reply.problem.retryAfterMs : undefined
