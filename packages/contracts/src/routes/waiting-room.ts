import { deadLetterRoutes } from './dead-letters.ts'
import { eraseRoute, ownRoutes } from './operations.ts'
import { listIdentityRevocationsRoute, revokeIdentityRoute } from './waiting-room/identity.ts'
import { listRevocationsRoute, readBoardRoute, readEndedPassRoute, readKeysRoute } from './waiting-room/line.ts'
import { readLogRoute, traceSlotRoute } from './waiting-room/log.ts'
import {
  createTokenRoute,
  listAuditRoute,
  listTokensRoute,
  readOwnTokenRoute,
  revokeTokenRoute,
} from './waiting-room/operators.ts'
import { listSalesRoute, putSaleRoute, readSaleRoute, saleActRoutes } from './waiting-room/sales.ts'
import {
  createDiagnosisTokenRoute,
  extendPassRoute,
  finishSlotRoute,
  finishTurnRoute,
  handOverRoute,
} from './waiting-room/shop.ts'
import { extendTurnRoute, joinRoute, leaveRoute, pollRoute, watchTicketRoute } from './waiting-room/tickets.ts'

/** The waiting room's routes. */
export const waitingRoomRoutes = {
  join: joinRoute,
  poll: pollRoute,
  leave: leaveRoute,
  watchTicket: watchTicketRoute,
  readBoard: readBoardRoute,
  extendTurn: extendTurnRoute,
  handOver: handOverRoute,
  extendPass: extendPassRoute,
  finishTurn: finishTurnRoute,
  finishSlot: finishSlotRoute,
  createDiagnosisToken: createDiagnosisTokenRoute,
  readEndedPass: readEndedPassRoute,
  listRevocations: listRevocationsRoute,
  readKeys: readKeysRoute,
  listSales: listSalesRoute,
  readSale: readSaleRoute,
  putSale: putSaleRoute,
  ...saleActRoutes,
  readLog: readLogRoute,
  traceSlot: traceSlotRoute,
  revokeIdentity: revokeIdentityRoute,
  listIdentityRevocations: listIdentityRevocationsRoute,
  readOwnToken: readOwnTokenRoute,
  listTokens: listTokensRoute,
  createToken: createTokenRoute,
  revokeToken: revokeTokenRoute,
  listAudit: listAuditRoute,
  erase: eraseRoute,
  ...ownRoutes,
  ...deadLetterRoutes,
}
