import type { Logger } from '@floodgate/runtime'
import { Hono, type MiddlewareHandler } from 'hono'
import type { Registry } from 'prom-client'
import { createLimitedCounter } from '../limits/limits.ts'
import { instrument } from '../requests/instrument.ts'
import { allowOrigins } from '../responses/cors.ts'
import { problemResponse, toAppError } from '../responses/problem-response.ts'
import { respondInTime } from '../responses/respond-in-time.ts'
import { securityHeaders } from '../responses/security-headers.ts'
import { optionsOf, unknownRoute } from '../responses/unknown-route.ts'
import { guardOperators, type OperatorGuard } from './guard-operators.ts'

const OPERATOR_MS_MAX = 4_500

export interface HttpAppOptions {
  readonly log: Logger
  readonly metrics: Registry
  readonly allowedOrigins: readonly string[]
  /** The URL buyers use; with https, responses carry HSTS. */
  readonly publicUrl?: string
  /** Time limit for a buyer's request (see `createInTime`). Default: no limit. */
  readonly answerMsMax?: number
  /** Time limit for an operator's request, except for long work. Default: 4,500. */
  readonly operatorMsMax?: number
  /** The routes that only the operator may call. Undefined in apps without such routes. */
  readonly operators?: OperatorGuard
  /** Runs around the operator guard and all routes, and sees the problems of both. */
  readonly aroundRoutes?: MiddlewareHandler
}

/**
 * Creates the HTTP app that every service shares: timing, CORS, the operator's token, problems for every error, and
 * `/livez` (this process responds).
 * A service adds its own routes to the result.
 */
export function createHttpApp(options: HttpAppOptions): Hono {
  const app = new Hono()
  app.use(instrument(options))
  app.use(securityHeaders(options.publicUrl))
  if (options.allowedOrigins.length > 0) app.use(allowOrigins(options.allowedOrigins))
  const { answerMsMax = 0, operatorMsMax = OPERATOR_MS_MAX } = options
  const countLimited = createLimitedCounter(options.metrics)
  app.use(respondInTime({ answerMsMax, operatorMsMax, countLimited }))
  if (options.aroundRoutes !== undefined) app.use(options.aroundRoutes)
  if (options.operators !== undefined) guardOperators(app, options.operators, { countLimited })
  app.onError((error, c) => problemResponse(toAppError(error), c))
  app.notFound((c) => optionsOf(app, c) ?? problemResponse(unknownRoute(app, c), c))
  app.get('/livez', (c) => c.json({ live: true }))
  return app
}
