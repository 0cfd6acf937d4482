import { type Api, deadLetterOperations, defineOperation, EVERYBODY, erasureOperation, success } from '@floodgate/http'
import { z } from '@hono/zod-openapi'
import { KEYS } from './examples.ts'
import { boardOperation } from './line/board-routes.ts'
import { extensionOperation } from './line/extension-route.ts'
import { ticketOperations } from './line/ticket-operations.ts'
import { logOperations } from './sales/log-routes.ts'
import { saleOperations } from './sales/sale-operations.ts'
import { revocationsOperation } from './slots/revocation-routes.ts'
import { endedPassOperation } from './tokens/ended-pass-routes.ts'

const keysOperation = defineOperation({
  method: 'get',
  path: '/.well-known/jwks.json',
  tags: ['line'],
  summary: 'The public keys that verify admissions (RFC 7517)',
  security: EVERYBODY,
  responses: {
    200: success(
      'The keys of now, and those that are coming or going',
      z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) }),
      { headers: { 'Cache-Control': 'Keep them for `max-age` at most' }, example: KEYS },
    ),
  },
})

/** Everything that the waiting room's clients may rely on. */
export const api: Api = {
  title: 'Floodgate waiting room',
  description: 'Join the line, wait, be admitted; operate sales.',
  operations: [
    ...ticketOperations,
    boardOperation,
    extensionOperation,
    endedPassOperation,
    revocationsOperation,
    keysOperation,
    ...saleOperations,
    ...logOperations,
    erasureOperation,
    ...deadLetterOperations,
  ],
}
