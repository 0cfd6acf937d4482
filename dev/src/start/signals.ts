/** npm passes a signal on that the terminal gave to all of us already: what comes within this is the same one. */
const SAME_SIGNAL_MS = 400

/** Calls `first` at the first request to stop and `second` at a later one, whichever way they come. */
export function onStopRequests(first: () => void, second: () => void): { request(): void } {
  let firstAt: number | undefined
  const request = (): void => {
    const now = Date.now()
    if (firstAt === undefined) {
      firstAt = now
      first()
    } else if (now - firstAt > SAME_SIGNAL_MS) second()
  }
  process.on('SIGINT', request)
  process.on('SIGTERM', request)
  process.on('SIGHUP', request)
  // The messenger that started us is gone, npm with it: nobody could stop us any more.
  process.on('disconnect', request)
  process.channel?.unref()
  return { request }
}
