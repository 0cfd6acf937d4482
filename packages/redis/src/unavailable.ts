import { ReplyError } from 'ioredis'

/** Replies of a server that is there but can't serve for now. */
const BUSY_REPLIES = new Set([
  'LOADING',
  'READONLY',
  'MASTERDOWN',
  'NOREPLICAS',
  'BUSY',
  'TRYAGAIN',
  'CLUSTERDOWN',
  'MISCONF',
  'OOM',
  // A transaction of which a command was refused for one of these causes; even a read is, while memory is used up.
  'EXECABORT',
])
/** Of those the ones that only writes get: `maxmemory` is used up, the append-only file cannot be written, replicas are missing. */
const WRITE_REFUSALS = new Set(['OOM', 'MISCONF', 'NOREPLICAS'])
/** ioredis throws plain errors for these; its texts are all there is to tell them by. */
const CLIENT_ERROR_MESSAGES = [
  'Connection is closed.',
  'Command aborted due to connection close',
  'Command timed out',
  "Stream isn't writeable",
  'connect ETIMEDOUT',
]

/** Whether a call failed because Redis can't be used at the moment, as opposed to a call that Redis refused. */
export function isRedisUnavailable(error: unknown): boolean {
  const code = replyErrorCode(error)
  if (code !== undefined) return BUSY_REPLIES.has(code)
  if (!(error instanceof Error)) return false
  if (error.name === 'MaxRetriesPerRequestError' || 'syscall' in error) return true
  return CLIENT_ERROR_MESSAGES.some((message) => error.message.startsWith(message))
}

/** Whether a server that can be read refused a call because it takes no writes for now; it has changed nothing. */
export function isWriteRefused(error: unknown): boolean {
  return WRITE_REFUSALS.has(replyErrorCode(error) ?? '')
}

/** The first word of an error that the server itself answered with (`NOSCRIPT`, `BUSYGROUP`, …); `undefined` for every other error. */
export function replyErrorCode(error: unknown): string | undefined {
  if (!(error instanceof ReplyError)) return undefined
  return String((error as Error).message).split(' ', 1)[0]
}
