import { defineOperation, EVERYBODY, success } from '@floodgate/http'
import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { KeySet } from './key-set.ts'

const EXAMPLE = {
  keys: [
    {
      kty: 'OKP',
      crv: 'Ed25519',
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
      kid: 'k1',
      alg: 'EdDSA',
      use: 'sig',
    },
  ],
}

export const keysOperation = defineOperation({
  method: 'get',
  path: '/.well-known/jwks.json',
  tags: ['line'],
  summary: 'The public keys that verify admissions (RFC 7517)',
  security: EVERYBODY,
  responses: {
    200: success(
      'The keys of now, and those that are coming or going',
      z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) }),
      { headers: { 'Cache-Control': 'Keep them for `max-age` at most' }, example: EXAMPLE },
    ),
  },
})

export function mountKeys(app: OpenAPIHono, keys: () => KeySet): void {
  app.get('/.well-known/jwks.json', (c) => c.json(keys().publicJwks, 200, { 'cache-control': 'public, max-age=60' }))
}
