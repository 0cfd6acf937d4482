import { AppError } from '@floodgate/runtime'
import type { Context, Hono } from 'hono'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
/** The method under which Hono files middleware, which matches every path and handles none. */
const MIDDLEWARE = 'ALL'

const handles = (app: Hono, method: string, path: string): boolean =>
  app.router.match(method, path)[0].some(([[, route]]) => route.method !== MIDDLEWARE)

/** The path that load balancers check with `OPTIONS` by default (HAProxy's `option httpchk`). */
const ROOT = '/'

const methodsOf = (app: Hono, path: string) => METHODS.filter((each) => handles(app, each, path))

/** Returns the value of `Allow`. Hono serves HEAD by the handlers of GET. */
const allowOf = (methods: readonly string[]): string =>
  [...methods.flatMap((each) => (each === 'GET' ? [each, 'HEAD'] : [each])), 'OPTIONS'].join(', ')

/** Responds to `OPTIONS` where no handler did: 204 with `Allow`; undefined where the path does not exist. */
export function optionsOf(app: Hono, c: Context): Response | undefined {
  const { method, path } = c.req
  if (method !== 'OPTIONS') return undefined
  const methods = methodsOf(app, path)
  if (methods.length === 0 && path !== ROOT) return undefined
  return new Response(null, { status: 204, headers: { allow: allowOf(methods) } })
}

/**
 * Returns the problem of a request that no handler served: 405 with `Allow` where the path supports other methods (RFC
 * 9110 §15.5.6), else 404; also 404 when a handler of the same method found nothing.
 */
export function unknownRoute(app: Hono, c: Context): AppError {
  const { method, path } = c.req
  const allowed = methodsOf(app, path)
  const asked = method === 'HEAD' ? 'GET' : method
  if (allowed.length === 0 || allowed.some((each) => each === asked)) return new AppError('not-found')
  return new AppError('method-not-allowed', { headers: { allow: allowOf(allowed) } })
}
