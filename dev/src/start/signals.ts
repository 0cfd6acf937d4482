/**
 * npm passes on a signal that the terminal has already sent to all processes: signals within this time are the same one.
 */
const SAME_SIGNAL_MS = 400

/** Calls `first` at the first request to stop and `second` at a later one, whichever way they arrive. */
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
  // The parent process is gone, and npm with it: nothing else could stop this process.
  process.on('disconnect', request)
  process.channel?.unref()
  return { request }
}
