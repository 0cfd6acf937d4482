import type { Logger } from '@floodgate/runtime'
import type { Hono } from 'hono'
import type { Registry } from 'prom-client'
import { type Api, createDocument } from '../openapi/document.ts'
import { createHttpApp } from '../routes/http-app.ts'
import { mountApiDocs } from './api-docs.ts'
import { type HealthOptions, mountHealth } from './health-routes.ts'

export interface OperationsOptions extends HealthOptions {
  /** The source of the OpenAPI document. */
  readonly api: Api
  /** Returns the app's URL, once it listens; the origin of the document itself when undefined. */
  serverUrl?(): string
}

/**
 * Mounts what only operators need: `/readyz`, `/metrics`, the OpenAPI document (`/openapi.json`, readable at `/docs`).
 * None of it requires a token, and all of it costs more than a buyer's request: it belongs on the operations port
 * (docs/adr/0019-operations-port-and-readiness.md).
 */
export function mountOperations(app: Hono, options: OperationsOptions): void {
  mountHealth(app, options)
  const { api, serverUrl } = options
  let document: string | undefined
  app.get('/openapi.json', (c) => {
    // Built once: it depends only on the code, and building it takes milliseconds.
    document ??= JSON.stringify(createDocument(api, serverUrl?.()))
    return c.body(document, 200, { 'content-type': 'application/json' })
  })
  mountApiDocs(app, api)
}

/** Creates the app of the operations port. */
export function createOperationsApp(
  options: OperationsOptions & { readonly log: Logger; readonly metrics: Registry },
): Hono {
  const app = createHttpApp({ ...options, allowedOrigins: [] })
  mountOperations(app, options)
  return app
}
