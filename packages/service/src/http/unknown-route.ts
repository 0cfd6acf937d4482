import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { AppError } from '../app-error.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
/** What Hono files middleware under: it is there for every path and handles none. */
const MIDDLEWARE = 'ALL'

const handles = (app: OpenAPIHono, method: string, path: string): boolean =>
  app.router.match(method, path)[0].some(([[, route]]) => route.method !== MIDDLEWARE)

/**
 * The refusal of a request that no handler took: 405 with `Allow` where the path takes other methods (RFC 9110 §15.5.6),
 * else 404; also 404 when a handler of this very method found nothing.
 */
export function unknownRoute(app: OpenAPIHono, c: Context): AppError {
  const { method, path } = c.req
  const allowed = METHODS.filter((each) => handles(app, each, path))
  // Hono serves HEAD by the handlers of GET.
  const asked = method === 'HEAD' ? 'GET' : method
  if (allowed.length === 0 || allowed.some((each) => each === asked)) return new AppError('not-found')
  const allow = allowed.flatMap((each) => (each === 'GET' ? [each, 'HEAD'] : [each])).join(', ')
  return new AppError('method-not-allowed', { headers: { allow } })
}
