import { deadLetterRoutes } from './dead-letters.ts'
import { checkMoneyRoute, eraseRoute, ownRoutes, traceRoute } from './operations.ts'

/** The payment worker's routes. */
export const paymentWorkerRoutes = {
  checkMoney: checkMoneyRoute,
  trace: traceRoute,
  erase: eraseRoute,
  ...ownRoutes,
  ...deadLetterRoutes,
}
