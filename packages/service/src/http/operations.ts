import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Registry } from 'prom-client'
import type { Logger } from '../logger.ts'
import { mountApiDocs } from './api-docs.ts'
import { type HealthOptions, mountHealth } from './health-routes.ts'
import { createHttpApp } from './http-app.ts'

export interface OperationsOptions extends HealthOptions {
  readonly title: string
  readonly description: string
  /** The app whose routes the OpenAPI document describes. */
  readonly documentOf: OpenAPIHono
  /** Where that app is reached, once it listens; the origin of the document itself when undefined. */
  readonly serverUrl?: () => string
}

/**
 * Mounts what only operators need: `/readyz`, `/metrics`, the OpenAPI document (`/openapi.json`, readable at `/docs`).
 * None of it asks for a token, and all of it costs more than a buyer's request: it belongs on the operations port
 * (docs/adr/0019-operations-port-and-readiness.md).
 */
export function mountOperations(app: OpenAPIHono, options: OperationsOptions): void {
  mountHealth(app, options)
  const { title, description, documentOf, serverUrl } = options
  let document: string | undefined
  app.get('/openapi.json', (c) => {
    // Built once: it describes the code, and building it takes milliseconds.
    document ??= JSON.stringify(
      documentOf.getOpenAPI31Document({
        openapi: '3.1.0',
        info: { title, description, version: '0.1.0', license: { name: 'MIT' } },
        ...(serverUrl !== undefined && { servers: [{ url: serverUrl() }] }),
      }),
    )
    return c.body(document, 200, { 'content-type': 'application/json' })
  })
  mountApiDocs(app, options)
}

/** The app of the operations port. */
export function createOperationsApp(
  options: OperationsOptions & { readonly log: Logger; readonly metrics: Registry },
): OpenAPIHono {
  const app = createHttpApp({ ...options, allowedOrigins: [] })
  mountOperations(app, options)
  return app
}
