import { AppError } from '@floodgate/runtime'
import type { Context, Hono } from 'hono'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
/** What Hono files middleware under: it is there for every path and handles none. */
const MIDDLEWARE = 'ALL'

const handles = (app: Hono, method: string, path: string): boolean =>
  app.router.match(method, path)[0].some(([[, route]]) => route.method !== MIDDLEWARE)

/** The path that balancers ask with `OPTIONS` when nobody tells them another (HAProxy's `option httpchk`). */
const ROOT = '/'

const methodsOf = (app: Hono, path: string) => METHODS.filter((each) => handles(app, each, path))

/** The value of `Allow`. Hono serves HEAD by the handlers of GET. */
const allowOf = (methods: readonly string[]): string =>
  [...methods.flatMap((each) => (each === 'GET' ? [each, 'HEAD'] : [each])), 'OPTIONS'].join(', ')

/** The answer to `OPTIONS` where no handler took it: 204 with `Allow`; undefined where there is no such path. */
export function optionsOf(app: Hono, c: Context): Response | undefined {
  const { method, path } = c.req
  if (method !== 'OPTIONS') return undefined
  const methods = methodsOf(app, path)
  if (methods.length === 0 && path !== ROOT) return undefined
  return new Response(null, { status: 204, headers: { allow: allowOf(methods) } })
}

/**
 * The refusal of a request that no handler took: 405 with `Allow` where the path takes other methods (RFC 9110 §15.5.6),
 * else 404; also 404 when a handler of this very method found nothing.
 */
export function unknownRoute(app: Hono, c: Context): AppError {
  const { method, path } = c.req
  const allowed = methodsOf(app, path)
  const asked = method === 'HEAD' ? 'GET' : method
  if (allowed.length === 0 || allowed.some((each) => each === asked)) return new AppError('not-found')
  return new AppError('method-not-allowed', { headers: { allow: allowOf(allowed) } })
}
