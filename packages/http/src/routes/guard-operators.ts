import { isForOperators, type RouteContract } from '@floodgate/contracts'
import type { Hono } from 'hono'
import { requireOperator } from '../requests/operator-auth.ts'

/** Every path below it is for operators. */
export const OPERATOR_PATH = '/admin/'

export interface OperatorGuard {
  /** All routes that the app declares. */
  readonly routes: Readonly<Record<string, RouteContract>>
  readonly adminToken: string
}

/**
 * Lets only the operator call routes declared for operators, and everything mounted below `/admin/`, declared or not.
 * Runs before all routes, so that an unauthenticated caller gets 401, never 400. Throws when a route below `/admin/` is
 * declared for any other caller.
 */
export function guardOperators(app: Hono, { routes, adminToken }: OperatorGuard): void {
  const operatorOnly = requireOperator(adminToken)
  app.use(`${OPERATOR_PATH}*`, operatorOnly)
  for (const { method, path, auth } of Object.values(routes)) {
    if (path.startsWith(OPERATOR_PATH)) {
      if (!isForOperators(auth)) throw new Error(`${method} ${path} is declared without operator auth.`)
    } else if (isForOperators(auth)) app.on(method.toUpperCase(), path.replace(/\{(\w+)\}/g, ':$1'), operatorOnly)
  }
}
