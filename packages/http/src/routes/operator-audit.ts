import type { ProblemCode } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import type { Context } from 'hono'
import { traceIdOfRequest } from '../requests/instrument.ts'
import type { Caller } from '../requests/operator-auth.ts'

/** A state-changing request of an operator, or one that its role does not allow, with its outcome. */
export interface OperatorAct {
  readonly atMs: number
  readonly caller: Caller
  readonly method: string
  /** The path of the route, with its parameters in braces. */
  readonly route: string
  readonly target: Readonly<Record<string, string>>
  readonly traceId: string
  readonly client: string
  readonly status: number
  readonly code: ProblemCode | null
}

/** Keeps the acts of operators. */
export interface OperatorAudit {
  /** Resolves when the act is stored, or soon after: a response never waits for an unresponsive database. Never rejects. */
  record(act: OperatorAct): Promise<void>
}

/** Characters of a parameter that the audit keeps: ids are shorter, and an index takes no text of any length. */
const PARAMETER_CHARACTERS_MAX = 200
const REPLACEMENT = '\ufffd'

/** Returns the act of a request with this outcome. Its target can be stored, whatever the path of the request was. */
export function actOf(
  c: Context,
  known: Pick<OperatorAct, 'atMs' | 'caller' | 'route' | 'client' | 'target'>,
  outcome: { readonly status: number; readonly error: unknown },
): OperatorAct {
  const { status, error } = outcome
  const target = Object.fromEntries(Object.entries(known.target).map(([name, value]) => [name, storable(value)]))
  return {
    ...known,
    target,
    method: c.req.method,
    traceId: traceIdOfRequest(c),
    status,
    code: error instanceof AppError ? error.code : status >= 500 ? 'internal' : null,
  }
}

/** Replaces what Postgres does not store as text, and cuts the rest. */
function storable(value: string): string {
  return value.slice(0, PARAMETER_CHARACTERS_MAX).replaceAll('\0', REPLACEMENT).toWellFormed()
}
