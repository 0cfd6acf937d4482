import type { OpenAPIHono } from '@hono/zod-openapi'
import type { KeySet } from './key-set.ts'

export function mountKeys(app: OpenAPIHono, keys: () => KeySet): void {
  app.get('/.well-known/jwks.json', (c) => c.json(keys().publicJwks, 200, { 'cache-control': 'public, max-age=60' }))
}
