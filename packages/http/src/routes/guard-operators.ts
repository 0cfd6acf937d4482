import { isForOperators, type RouteContract } from '@floodgate/contracts'
import type { Context, Hono, MiddlewareHandler } from 'hono'
import { requireToken } from '../requests/operator-auth.ts'

/** Every path below it is for operators. */
export const OPERATOR_PATH = '/admin/'

export interface OperatorGuard {
  /** All routes that the app declares. */
  readonly routes: Readonly<Record<string, RouteContract>>
  readonly adminToken: string
  /** Token of the shop's server, for the routes declared for it; undefined: only the operator calls them. */
  readonly shopToken?: string | undefined
}

/**
 * Lets only the operator call routes declared for operators, and everything mounted below `/admin/`, declared or not;
 * the shop's server only the routes declared for it. Runs before all routes, so that an unauthenticated caller gets 401,
 * never 400. Throws when a route below `/admin/` is declared for any other caller.
 */
export function guardOperators(app: Hono, { routes, adminToken, shopToken }: OperatorGuard): void {
  const operatorOnly = requireToken([adminToken])
  const operatorOrShop = requireToken(shopToken === undefined ? [adminToken] : [adminToken, shopToken])
  /** Requests that have already been judged, by a route of the shop. */
  const judged = new WeakSet<Context>()
  const declared = Object.values(routes)
  for (const { method, path, auth } of declared) {
    if (path.startsWith(OPERATOR_PATH) && !isForOperators(auth))
      throw new Error(`${method} ${path} is declared without operator auth.`)
    if (auth.includes('shop')) app.on(method.toUpperCase(), pathOf(path), judgeForShop)
  }
  app.use(`${OPERATOR_PATH}*`, async function guardPath(c, next) {
    await (judged.has(c) ? next() : operatorOnly(c, next))
  })
  for (const { method, path, auth } of declared)
    if (!path.startsWith(OPERATOR_PATH) && !auth.includes('shop') && isForOperators(auth))
      app.on(method.toUpperCase(), pathOf(path), operatorOnly)

  async function judgeForShop(c: Context, next: Parameters<MiddlewareHandler>[1]): Promise<void> {
    await operatorOrShop(c, async function proceed() {
      judged.add(c)
      await next()
    })
  }
}

/** Returns a declared path in Hono's form. */
function pathOf(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1')
}
