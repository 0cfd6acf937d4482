import { createEnforcedLimit, createOriginGuard, type Route } from '@floodgate/http'
import type { Config } from './config.ts'
import { identifyUnrevoked } from './identity/revocations.ts'
import { boardRoute, createBoard } from './line/board-routes.ts'
import { extensionRoute } from './line/extension-route.ts'
import { createJoin, type JoinDeps } from './line/join.ts'
import { createLeave, type LeaveDeps } from './line/leave.ts'
import { createPollLimit } from './line/poll-limit.ts'
import { type TicketRouteDeps, ticketRoutes } from './line/ticket-routes.ts'
import { createTurnLimit } from './line/turn-limit.ts'
import type { RoomMetrics } from './metrics.ts'
import { type HandoverRouteDeps, handoverRoute } from './shop/handover-route.ts'
import { type PassRouteDeps, passRoutes } from './shop/pass-routes.ts'
import { createExtend, type ExtendDeps } from './slots/extend-turn.ts'

type BuyerRouteDeps = Omit<JoinDeps, 'newPlaces' | 'waitingMax' | 'countJoin'> &
  LeaveDeps &
  Pick<TicketRouteDeps, 'identify' | 'revocations' | 'verifyIdToken' | 'onRevoked'> &
  Pick<HandoverRouteDeps, 'signAdmission' | 'shopTokens'> &
  Pick<PassRouteDeps, 'verifyAdmission' | 'finish'> &
  Pick<ExtendDeps, 'log' | 'recentActs'> & { readonly metrics: RoomMetrics }

/**
 * Creates the frequent routes of buyers, with their limits (ADR 0018): joining, polling, extending, leaving, the board,
 * and the way to the shop.
 */
export function createBuyerRoutes(config: Config, deps: BuyerRouteDeps): readonly Route[] {
  const { countLimited, metrics } = deps
  const newPlaces = createEnforcedLimit(
    { name: 'new-places', perSecond: config.newPlacesPerSecond, burst: config.newPlacesBurst },
    { countLimited, siteFactor: config.ipv6SiteFactor },
  )
  const polls = createPollLimit({ earlyMax: config.pollsEarlyMax, countLimited })
  const rejectForeignOrigin = createOriginGuard(config)
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
    rejectForeignOrigin,
  })
  const limitOf = (name: 'extensions' | 'handovers' | 'finishes') =>
    createTurnLimit({ name, burst: config.pollsEarlyMax, countLimited })
  const extending = {
    takeRequest: limitOf('extensions'),
    extend: createExtend({ ...deps, countExtension: (outcome) => metrics.extensions.inc({ outcome }) }),
  }
  const identify = identifyUnrevoked(deps.identify, deps.revocations)
  const extension = extensionRoute({ ...{ ...deps, identify }, polls, rejectForeignOrigin, ...extending })
  const handover = handoverRoute({
    ...{ ...deps, identify },
    rejectForeignOrigin,
    takeRequest: limitOf('handovers'),
    countHandover: (outcome) => metrics.handovers.inc({ outcome }),
  })
  const passes = passRoutes({
    ...{ ...deps, polls, extend: extending.extend },
    takeExtension: extending.takeRequest,
    takeFinish: limitOf('finishes'),
  })
  return [...tickets, extension, handover, ...passes, boardRoute({ sales: deps.sales, board: createBoard() })]
}
