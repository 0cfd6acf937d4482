/**
 * Temporary failures, by SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html): the connection
 * (08), disk, memory or connections exhausted (53), a server that is stopping or a statement that took too long (57),
 * an I/O error (58), a standby or a transaction that was ended for its idleness (25006, 25P03, 25P04), and lost
 * conflicts (40001, 40P01, 55P03).
 */
const NOT_NOW = /^(08|53|57|58)...$|^(25006|25P0[34]|40001|40P01|55P03)$/
const socketErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])
/** pg gives these no code. */
const connectionMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Client was closed|Query read timeout|Cannot use a pool after calling end)/
const CAUSES_MAX = 8

/**
 * Tells whether the identical work may succeed a little later: conflicts, restarts, lost connections, a full disk, a
 * slow server. The work itself is valid, so it is retried for as long as it takes.
 */
export function isRetriableDatabaseError(error: unknown): boolean {
  return NOT_NOW.test(sqlState(error) ?? '') || isConnectionLost(error)
}

/** Tells whether the connection broke, or was never established: a commit in progress may or may not have happened. */
export function isConnectionLost(error: unknown): boolean {
  for (const each of causes(error)) {
    const { code, message } = each
    if (typeof code === 'string' && (socketErrors.has(code) || /^08...$|^57P0[12]$|^P10(01|08|17)$/.test(code)))
      return true
    if (typeof message === 'string' && connectionMessages.test(message)) return true
  }
  return false
}

/**
 * Tells whether the rows themselves are at fault (bad text, a number too big, a violated constraint): a repetition
 * cannot help.
 */
export function isDataError(error: unknown): boolean {
  return /^2[23]/.test(sqlState(error) ?? '')
}

/**
 * Tells whether a part of the work itself may be at fault, so that the rest can continue without that part: data,
 * constraints, exceptions of triggers, damaged rows, and errors of our own code. Never a temporary failure, and never
 * the schema or missing rights (classes 28, 3D, 3F, 42), which fail any work.
 */
export function isFaultOfPart(error: unknown): boolean {
  if (isRetriableDatabaseError(error)) return false
  return !/^(28|3D|3F|42)/.test(sqlState(error) ?? '')
}

/** Returns the SQLSTATE, also of a wrapped error; undefined when Postgres sent no response. */
export function sqlState(error: unknown): string | undefined {
  for (const { code, originalCode } of causes(error)) {
    for (const each of [originalCode, code])
      if (typeof each === 'string' && /^[0-9A-Z]{5}$/.test(each) && !/^(P\d{4}|E[A-Z]{4})$/.test(each)) return each
  }
  return undefined
}

type Cause = Readonly<Record<'code' | 'originalCode' | 'message', unknown>>

/**
 * Returns the error and everything it wraps: `cause`, several failures in one, and where Prisma stores the driver's
 * error.
 */
function causes(error: unknown): Cause[] {
  const found: Cause[] = []
  const open: unknown[] = [error]
  while (open.length > 0 && found.length < CAUSES_MAX) {
    const each = open.shift()
    if (typeof each !== 'object' || each === null) continue
    const { cause, errors, meta } = each as {
      cause?: unknown
      errors?: unknown
      meta?: { driverAdapterError?: unknown }
    }
    found.push(each as Cause)
    open.push(cause, meta?.driverAdapterError, ...(Array.isArray(errors) ? errors : []))
  }
  return found
}
