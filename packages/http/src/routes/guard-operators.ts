import { isForOperators, isRoleEnough, type Role, type RouteContract } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import type { Context, Hono, MiddlewareHandler } from 'hono'
import { type CountLimited, createEnforcedLimit } from '../limits/limits.ts'
import { type ClientAddressOf, clientOf } from '../requests/client-address.ts'
import { type Caller, createAuthenticate, type TokenDirectory } from '../requests/operator-auth.ts'
import { noteCaller } from './caller.ts'
import { actOf, type OperatorAudit } from './operator-audit.ts'

/** Every path below it is for operators. */
export const OPERATOR_PATH = '/admin/'
/** Wrong tokens of a client: more than a person or a test types, and useless against 256 random bits. */
const WRONG_TOKENS = { name: 'operator-tokens', perSecond: 5, burst: 200 }
const READS = new Set(['GET', 'HEAD'])

export interface OperatorGuard {
  /** All routes that the app declares. */
  readonly routes: Readonly<Record<string, RouteContract>>
  readonly adminToken: string
  /** Token of the shop's server, for the routes declared for it; undefined: only operators call them. */
  readonly shopToken?: string | undefined
  /** The tokens of people. Undefined: only those of the settings exist. */
  readonly tokens?: TokenDirectory | undefined
  /** Undefined: acts are not stored. */
  readonly audit?: OperatorAudit | undefined
  /** Undefined: all clients count as one. */
  readonly clientAddressOf?: ClientAddressOf | undefined
}

/** A route, or whatever is mounted below `/admin/` without a declaration. */
interface Guarded {
  readonly path: string
  readonly role: Role
  readonly isForShop: boolean
}

/**
 * Lets only operators call routes declared for operators, each with the role that the route declares, and everything
 * mounted below `/admin/`, declared or not; the shop's server only the routes declared for it. Runs before all routes, so
 * that an unauthenticated caller gets 401, never 400. Records every state-changing request with its outcome, and every
 * request that its role does not allow. Throws when a route below `/admin/` is declared for any other caller, or a
 * route for operators without a role.
 */
export function guardOperators(
  app: Hono,
  guard: OperatorGuard,
  { countLimited }: { countLimited: CountLimited },
): void {
  const { routes, audit, clientAddressOf } = guard
  const authenticate = createAuthenticate({
    ...guard,
    wrongTokens: createEnforcedLimit(WRONG_TOKENS, { countLimited }),
  })
  /** Requests that have already been judged, by their route. */
  const judged = new WeakSet<Context>()

  function judge({ path, role, isForShop }: Guarded): MiddlewareHandler {
    return async function judgeRequest(c, next) {
      if (judged.has(c)) return await next()
      judged.add(c)
      const client = clientOf(c, clientAddressOf)
      const atMs = Date.now()
      const caller = await authenticate(c.req.header('authorization'), client)
      if (caller.role === undefined && !isForShop) throw new AppError('unauthorized', { headers: BEARER })
      const known = { atMs, caller, route: path, client, target: { ...c.req.param() } }
      if (caller.role !== undefined && !isRoleEnough(caller.role, role)) {
        const error = roleTooLow(caller, role)
        await audit?.record(actOf(c, known, { status: error.status, error }))
        throw error
      }
      noteCaller(c, caller)
      await next()
      // The reports of the shop's server are in the log of the line, one for each buyer.
      const isAct = caller.role !== undefined && !READS.has(c.req.method)
      if (isAct) await audit?.record(actOf(c, known, { status: c.res.status, error: c.error }))
    }
  }

  for (const { method, path, auth, role } of Object.values(routes)) {
    if (path.startsWith(OPERATOR_PATH) && !isForOperators(auth))
      throw new Error(`${method} ${path} is declared without operator auth.`)
    if (!isForOperators(auth)) continue
    if (role === undefined) throw new Error(`${method} ${path} is declared without a role.`)
    app.on(method.toUpperCase(), pathOf(path), judge({ path, role, isForShop: auth.includes('shop') }))
  }
  app.use(`${OPERATOR_PATH}*`, judge({ path: `${OPERATOR_PATH}*`, role: 'admin', isForShop: false }))
}

const BEARER = { 'www-authenticate': 'Bearer' }

function roleTooLow({ name, role }: Caller, needs: Role): AppError {
  return new AppError('role-too-low', {
    detail: `The token “${name}” has the role ${role}; this needs the role ${needs}. Nothing was changed.`,
    members: { role, needs },
  })
}

/** Returns a declared path in Hono's form. */
function pathOf(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1')
}
