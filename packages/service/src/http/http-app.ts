import { OpenAPIHono } from '@hono/zod-openapi'
import type { Registry } from 'prom-client'
import { AppError } from '../app-error.ts'
import type { Logger } from '../logger.ts'
import { mountApiDocs } from './api-docs.ts'
import { allowOrigins } from './cors.ts'
import { type HealthChecks, mountHealth } from './health-routes.ts'
import { instrument, traceIdOfRequest } from './instrument.ts'
import { invalidRequest } from './invalid-request.ts'
import { problemResponse, toAppError } from './problem-response.ts'

export interface HttpAppOptions {
  readonly title: string
  readonly description: string
  readonly log: Logger
  readonly metrics: Registry
  readonly checks: HealthChecks
  readonly allowedOrigins: readonly string[]
}

/**
 * The HTTP side that every service shares: timing, CORS, problems for every refusal, health routes, and the OpenAPI
 * document (`/openapi.json`, readable at `/docs`). A service adds its own routes to what this returns.
 */
export const createHttpApp = (options: HttpAppOptions): OpenAPIHono => {
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error)
    },
  })
  app.use(instrument(options))
  if (options.allowedOrigins.length > 0) app.use(allowOrigins(options.allowedOrigins))
  app.onError((error, c) => problemResponse(toAppError(error), traceIdOfRequest(c)))
  app.notFound((c) => problemResponse(new AppError('not-found'), traceIdOfRequest(c)))
  mountHealth(app, options)
  app.openAPIRegistry.registerComponent('securitySchemes', 'operator', { type: 'http', scheme: 'bearer' })
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: options.title, description: options.description, version: '0.1.0', license: { name: 'MIT' } },
  })
  mountApiDocs(app, options)
  return app
}
