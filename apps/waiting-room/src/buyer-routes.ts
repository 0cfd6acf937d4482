import { createEnforcedLimit, createOriginGuard, type Route } from '@floodgate/http'
import type { Config } from './config.ts'
import { identifyUnrevoked } from './identity/revocations.ts'
import { boardRoute, createBoard } from './line/board-routes.ts'
import { createExtensionLimit } from './line/extension-limit.ts'
import { extensionRoute } from './line/extension-route.ts'
import { createJoin, type JoinDeps } from './line/join.ts'
import { createLeave, type LeaveDeps } from './line/leave.ts'
import { createPollLimit } from './line/poll-limit.ts'
import { type TicketRouteDeps, ticketRoutes } from './line/ticket-routes.ts'
import type { RoomMetrics } from './metrics.ts'
import { createExtend, type ExtendDeps } from './slots/extend-turn.ts'

type BuyerRouteDeps = Omit<JoinDeps, 'newPlaces' | 'waitingMax' | 'countJoin'> &
  LeaveDeps &
  Pick<TicketRouteDeps, 'identify' | 'revocations' | 'verifyIdToken' | 'onRevoked'> &
  Pick<ExtendDeps, 'log'> & { readonly metrics: RoomMetrics }

/**
 * Creates the frequent routes of buyers, with their limits (ADR 0018): joining, polling, extending, leaving and the
 * board.
 */
export function createBuyerRoutes(config: Config, deps: BuyerRouteDeps): readonly Route[] {
  const { countLimited, metrics } = deps
  const newPlaces = createEnforcedLimit(
    { name: 'new-places', perSecond: config.newPlacesPerSecond, burst: config.newPlacesBurst },
    { countLimited, siteFactor: config.ipv6SiteFactor },
  )
  const polls = createPollLimit({ earlyMax: config.pollsEarlyMax, countLimited })
  const refuseForeignOrigin = createOriginGuard(config)
  const tickets = ticketRoutes({
    ...deps,
    join: createJoin({
      ...deps,
      newPlaces,
      waitingMax: config.waitingMax,
      countJoin: (outcome) => metrics.joins.inc({ outcome }),
    }),
    leave: createLeave(deps),
    polls,
    countPoll: metrics.countPoll,
    countIdentity: (outcome) => metrics.identityChecks.inc({ outcome }),
    refuseForeignOrigin,
  })
  const extension = extensionRoute({
    ...deps,
    identify: identifyUnrevoked(deps.identify, deps.revocations),
    polls,
    refuseForeignOrigin,
    takeRequest: createExtensionLimit({ burst: config.pollsEarlyMax, countLimited }),
    extend: createExtend({ ...deps, countExtension: (outcome) => metrics.extensions.inc({ outcome }) }),
  })
  return [...tickets, extension, boardRoute({ sales: deps.sales, board: createBoard() })]
}
