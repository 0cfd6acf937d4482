import type { Context } from 'hono'
import type { Caller } from '../requests/operator-auth.ts'

const callers = new WeakMap<Request, Caller>()

/** Notes the authenticated caller of an operator's request. */
export function noteCaller(c: Context, caller: Caller): void {
  callers.set(c.req.raw, caller)
}

/** Returns the caller. Throws for a request that no operator sent. */
export function callerOf(c: Context): Caller {
  const caller = callers.get(c.req.raw)
  if (caller === undefined) throw new TypeError(`${c.req.method} ${c.req.path} is no operator's request.`)
  return caller
}
