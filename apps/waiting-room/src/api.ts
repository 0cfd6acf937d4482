import { type Api, deadLetterOperations, erasureOperation } from '@floodgate/http'
import { boardOperation } from './line/board-routes.ts'
import { extensionOperation } from './line/extension-route.ts'
import { ticketOperations } from './line/ticket-operations.ts'
import { logOperations } from './sales/log-routes.ts'
import { saleOperations } from './sales/sale-operations.ts'
import { revocationsOperation } from './slots/revocation-routes.ts'
import { endedPassOperation } from './tokens/ended-pass-routes.ts'
import { keysOperation } from './tokens/keys-route.ts'

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
