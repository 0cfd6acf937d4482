import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Operation } from '../openapi/operation.ts'
import { requireOperator } from '../requests/operator-auth.ts'

/** Every path below it is for operators. */
export const OPERATOR_PATH = '/admin/'

export interface OperatorGuard {
  /** All that the app declares. */
  readonly operations: readonly Operation[]
  readonly adminToken: string
}

/**
 * Lets only the operator call what is declared for operators, and whatever is mounted below `/admin/`, declared or not. Comes
 * before all routes, so that an unauthenticated caller gets 401, never 400. Throws when an operation below `/admin/` is declared
 * for anybody else.
 */
export function guardOperators(app: OpenAPIHono, { operations, adminToken }: OperatorGuard): void {
  const operatorOnly = requireOperator(adminToken)
  app.use(`${OPERATOR_PATH}*`, operatorOnly)
  for (const { method, path, security } of operations) {
    const isForOperators = security.length > 0 && security.every((scheme) => scheme.operator !== undefined)
    if (path.startsWith(OPERATOR_PATH)) {
      if (!isForOperators) throw new Error(`${method} ${path} is declared without operator auth.`)
    } else if (isForOperators) app.on(method.toUpperCase(), path.replace(/\{(\w+)\}/g, ':$1'), operatorOnly)
  }
}
