import type { IncomingHttpHeaders } from 'node:http'
import { idempotencyKey } from '@floodgate/contracts'
import type { HotRoute, PlainAnswer } from '@floodgate/service'
import type { RoomMetrics } from '../room-metrics.ts'
import type { LiveSale, LiveSales } from '../sales/live-sales.ts'
import { pollAnswer } from '../status/poll-answer.ts'
import type { StatusReader } from '../status/read-status.ts'
import type { BuyerCookie } from './buyer-cookie.ts'
import type { Bearer, Recognize, Shown } from './identify.ts'
import type { Join } from './join.ts'
import type { Leave } from './leave.ts'

export const joinPath = '/sales/:sale/tickets'
export const pollPath = '/sales/:sale/ticket'

interface HotTicketDeps {
  readonly sales: LiveSales
  readonly cookie: BuyerCookie
  readonly recognize: Recognize
  readonly join: Join
  readonly leave: Leave
  readonly status: StatusReader
  readonly metrics: RoomMetrics
}

const scheme = 'Bearer '

/** What the headers show; undefined for an `Authorization` that is written in another way. */
const shownBy = ({ authorization, cookie }: IncomingHttpHeaders): Shown | undefined => {
  if (authorization === undefined) return { token: undefined, cookie }
  return authorization.startsWith(scheme) ? { token: authorization.slice(scheme.length), cookie } : undefined
}

/** Who joins, as `ticket-routes.ts` finds it out; undefined where a ticket or a key has to be looked at. */
const joiningBuyer = (deps: HotTicketDeps, sale: string, headers: IncomingHttpHeaders): Bearer | undefined => {
  const shown = shownBy(headers)
  if (shown === undefined) return undefined
  if (shown.token !== undefined) return deps.recognize(sale, shown)
  const known = deps.cookie.read(shown.cookie)
  if (known.kind === 'buyer') return { sale, buyer: known.buyer, place: 0 }
  const key = headers['idempotency-key']
  if (key === undefined) return { sale, buyer: deps.cookie.newBuyer(), place: 0 }
  const parsed = idempotencyKey.safeParse(key)
  return parsed.success ? { sale, buyer: deps.cookie.buyerOfKey(sale, parsed.data), place: 0 } : undefined
}

/** At the head of the line, or about a buyer this process does not know. */
const askRedis = async ({ status, metrics }: HotTicketDeps, sale: LiveSale, bearer: Bearer): Promise<PlainAnswer> => {
  const answer = await status.fromRedis(sale, bearer)
  metrics.countPoll(answer.state, 'redis')
  return pollAnswer(answer)
}

/** Joining, polling and leaving, of sales that this process knows and by buyers it can tell at once. */
export const hotTicketRoutes = (deps: HotTicketDeps): readonly HotRoute[] => [
  {
    method: 'POST',
    path: joinPath,
    answer: (id, headers) => {
      if (deps.sales.fresh(id) === undefined) return undefined
      const bearer = joiningBuyer(deps, id, headers)
      return bearer === undefined ? undefined : deps.join(bearer)
    },
  },
  {
    method: 'GET',
    path: pollPath,
    answer: (id, headers) => {
      const sale = deps.sales.fresh(id)
      const shown = shownBy(headers)
      if (sale === undefined || shown === undefined) return undefined
      const bearer = deps.recognize(id, shown)
      if (bearer === undefined) return undefined
      const status = deps.status.fromSnapshot(sale, bearer)
      if (status === undefined) return askRedis(deps, sale, bearer)
      deps.metrics.countPoll(status.state, 'snapshot')
      return pollAnswer(status)
    },
  },
  {
    method: 'DELETE',
    path: pollPath,
    answer: (id, headers) => {
      const shown = shownBy(headers)
      if (deps.sales.fresh(id) === undefined || shown === undefined) return undefined
      const bearer = deps.recognize(id, shown)
      return bearer === undefined ? undefined : deps.leave(bearer)
    },
  },
]
