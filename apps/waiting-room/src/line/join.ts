import type { JoinAnswer } from '@floodgate/contracts'
import { AppError, createBatches, type PlainAnswer } from '@floodgate/service'
import type { RoomMetrics } from '../room-metrics.ts'
import { findSaleOrRefuse } from '../sales/find-sale.ts'
import type { LiveSale, LiveSales } from '../sales/live-sales.ts'
import { retryAfter } from '../status/poll-answer.ts'
import { etaSeconds, pollAfterMs } from '../status/poll-policy.ts'
import type { StatusReader } from '../status/read-status.ts'
import type { BuyerCookie } from './buyer-cookie.ts'
import type { Bearer } from './identify.ts'
import type { LineRedis } from './line-redis.ts'
import { type Joined, type Joining, joinAll, joinersMax } from './line-scripts.ts'
import type { Tickets } from './tickets.ts'

/** Lets a buyer join; throws the refusal when it can not. */
export type Join = (bearer: Bearer) => Promise<PlainAnswer>

export interface JoinDeps {
  readonly line: LineRedis
  readonly sales: LiveSales
  readonly tickets: Tickets
  readonly cookie: BuyerCookie
  readonly status: StatusReader
  readonly metrics: RoomMetrics
  readonly onJoined: (sale: string, buyer: string) => void
}

type Placed = Extract<Joined, { readonly place: number }>

const orRefuse = (joined: Joined): Placed => {
  switch (joined.kind) {
    case 'not-open':
      throw new AppError('sale-not-open', { retryAfterSeconds: 5 })
    case 'closed':
      throw new AppError('sale-closed')
    case 'missing':
    case 'lost':
      throw new AppError('unavailable', { retryAfterSeconds: 1 })
    default:
      return joined
  }
}

export const createJoin = (deps: JoinDeps): Join => {
  const { sales, status, metrics } = deps
  const joinInBatch = createBatches<Joining, Joined>({
    keyOf: ({ buyer }) => buyer,
    itemsMax: joinersMax,
    send: (sale, joining) => joinAll(deps.line, sale, joining),
  })

  const place = async ({ sale, buyer, place: shownPlace }: Bearer): Promise<Placed> => {
    const joined = await joinInBatch(sale, { buyer, shownPlace })
    if (joined.kind !== 'missing' && joined.kind !== 'lost') return orRefuse(joined)
    if (!(await sales.restore(sale, joined.kind))) throw new AppError('not-found', { detail: 'There is no such sale.' })
    return orRefuse(await joinInBatch(sale, { buyer, shownPlace }))
  }

  const answer = ({ id, snapshot }: LiveSale, { kind, place, position }: Placed, buyer: string): PlainAnswer => {
    const pollMs = pollAfterMs(snapshot, position - 1, Math.random())
    const body: JoinAnswer = {
      ticket: deps.tickets.sign({ sale: id, buyer, place }),
      place,
      position,
      etaSeconds: etaSeconds(snapshot, position - 1),
      pollAfterMs: pollMs,
      // The script knew better: what it let join is not scheduled any more, whatever the last snapshot says.
      saleState: snapshot.publicState === 'scheduled' ? 'open' : snapshot.publicState,
    }
    return {
      status: kind === 'joined' ? 201 : 200,
      headers: {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'set-cookie': deps.cookie.write(buyer),
        'retry-after': retryAfter(pollMs),
      },
      body: JSON.stringify(body),
    }
  }

  return async function join(bearer) {
    const { sale: id, buyer } = bearer
    const placed = await place(bearer)
    const sale = sales.fresh(id) ?? (await findSaleOrRefuse(sales, id))
    metrics.joins.inc({ outcome: placed.kind })
    if (placed.kind === 'joined') deps.onJoined(id, buyer)
    sales.sawPlace(id, placed.place)
    const position = status.showPlace({ sale: id, buyer, place: placed.place }, placed.position)
    return answer(sale, { ...placed, position }, buyer)
  }
}
