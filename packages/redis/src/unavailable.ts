import { ReplyError } from 'ioredis'

/** Error replies of a server that is up but cannot serve at the moment. */
const BUSY_REPLIES = new Set([
  'LOADING',
  'READONLY',
  'MASTERDOWN',
  'NOREPLICAS',
  'BUSY',
  // A slot of a Redis Cluster that another node serves, or that is being moved.
  'MOVED',
  'ASK',
  'TRYAGAIN',
  'CLUSTERDOWN',
  'MISCONF',
  'OOM',
  // A transaction with a rejected command for one of these causes; even reads are rejected while memory is full.
  'EXECABORT',
])
/**
 * Error replies that only writes get: `maxmemory` is reached, the append-only file cannot be written, replicas are
 * missing.
 */
const WRITE_REJECTIONS = new Set(['OOM', 'MISCONF', 'NOREPLICAS'])
/** ioredis throws plain errors for these; only their messages identify them. */
const CLIENT_ERROR_MESSAGES = [
  'Connection is closed.',
  'Command aborted due to connection close',
  'Command timed out',
  "Stream isn't writeable",
  'connect ETIMEDOUT',
]

/** Tells whether a call failed because Redis is unavailable, as opposed to a call that Redis rejected. */
export function isRedisUnavailable(error: unknown): boolean {
  const code = replyErrorCode(error)
  if (code !== undefined) return BUSY_REPLIES.has(code)
  if (!(error instanceof Error)) return false
  if (error.name === 'MaxRetriesPerRequestError' || 'syscall' in error) return true
  return CLIENT_ERROR_MESSAGES.some((message) => error.message.startsWith(message))
}

/** Tells whether a readable server rejected a call because it currently accepts no writes; then nothing was changed. */
export function isWriteRejected(error: unknown): boolean {
  return WRITE_REJECTIONS.has(replyErrorCode(error) ?? '')
}

/** Returns the first word of an error reply (`NOSCRIPT`, `BUSYGROUP`, …); `undefined` for every other error. */
export function replyErrorCode(error: unknown): string | undefined {
  if (!(error instanceof ReplyError)) return undefined
  return String((error as Error).message).split(' ', 1)[0]
}
