import type { JoinResponse, Supply, TicketStatus } from '@floodgate/contracts'
import type { Problem } from '../shared/problem.ts'
import { onAdmissionChecked } from './admission-check.ts'
import { afterCancelEvent } from './cancelling.ts'
import { draftOf, onCatalogue, onOrderRejected, onStock } from './checkout-news.ts'
import { dropMissing } from './missing-lines.ts'
import type { Line, Model } from './model.ts'
import { onOrder, onOrders } from './order-news.ts'
import type { PageEvent } from './page-event.ts'
import { lookAgain, reopened, restart } from './restart.ts'
import { afterShopEvent } from './shop.ts'
import { askMoreTime, givenMoreTime, onAdmitted } from './turn-news.ts'
import { afterVoucherEvent } from './voucher.ts'

interface Told {
  readonly position: number | null
  readonly etaSeconds: number | null
  readonly returners?: number | undefined
  readonly supply?: Supply | undefined
  readonly saleState?: Model['saleState']
}

/**
 * Returns the position to show. It is worse than the one before by at most the number of buyers who have returned since
 * and move ahead.
 */
const positionAfter = (shown: Told | undefined, told: Told): number | null => {
  if (shown === undefined || shown.position === null || told.position === null)
    return told.position ?? shown?.position ?? null
  if (told.saleState === 'recovering' || (told.returners !== undefined && shown.returners === undefined))
    return told.position
  return Math.min(told.position, shown.position + Math.max(0, (told.returners ?? 0) - (shown.returners ?? 0)))
}

const closer = (line: Line, told: Told): Line => {
  const shown = line.kind === 'waiting' ? line : undefined
  const position = positionAfter(shown, told)
  return {
    kind: 'waiting',
    position,
    etaSeconds: told.etaSeconds,
    returners: told.returners ?? shown?.returners,
    supply: told.supply ?? shown?.supply,
    // A recovery rebuilds the line: no buyer has returned before this one.
    best:
      position === null
        ? shown?.best
        : told.saleState === 'recovering'
          ? position
          : Math.min(position, shown?.best ?? position),
  }
}

const onJoined = (model: Model, reply: JoinResponse): Model => {
  const same = model.ticket === reply.ticket
  return {
    ...model,
    ticket: reply.ticket,
    saleState: reply.saleState,
    line: closer(same ? model.line : { kind: 'arriving' }, reply),
    firstPosition: same ? (model.firstPosition ?? reply.position) : reply.position,
  }
}

const onJoinRejected = (model: Model, problem: Problem): Model => {
  if (problem.code === 'sale-not-open') return { ...model, saleState: 'scheduled', line: { kind: 'not-open' } }
  if (problem.code === 'sale-closed')
    return { ...model, saleState: 'closed', line: { kind: 'closed' }, search: model.isKnown ? 'wanted' : 'none' }
  return { ...model, line: { kind: 'join-rejected', problem } }
}

/** Tells whether a response comes from an older snapshot of another process: it must not take back an admission. */
const isOutdated = (model: Model, status: TicketStatus) =>
  model.line.kind === 'admitted' && status.state === 'waiting' && status.snapshot < model.snapshot

const onTicket = (model: Model, status: TicketStatus): Model => {
  if (isOutdated(model, status)) return model
  const told = { ...model, saleState: status.saleState, snapshot: status.snapshot }
  switch (status.state) {
    case 'waiting':
      return {
        ...told,
        line: closer(model.line, status),
        firstPosition: model.firstPosition ?? status.position,
      }
    case 'admitted':
      return onAdmitted(told, status)
    case 'finished':
    case 'expired':
      return { ...told, line: { kind: status.state }, search: searchAfterTurn(model, status.state) }
    case 'left':
    case 'closed':
      return { ...told, line: { kind: status.state } }
  }
}

/** Searches for an order after a turn that ended, one placed in another tab for instance. */
const searchAfterTurn = (model: Model, ending: 'finished' | 'expired'): Model['search'] =>
  model.line.kind === ending || model.order !== undefined || model.checkout.kind !== 'choosing'
    ? model.search
    : 'wanted'

const onLooked = (model: Model, status: TicketStatus | undefined): Model => {
  if (model.line.kind !== 'looking') return model
  // A turn outlives neither its cookie nor the line's memory of it; its order does.
  if (status === undefined) return { ...model, line: { kind: 'unknown' }, search: 'wanted' }
  return { ...onTicket(model, status), search: status.state === 'waiting' ? 'none' : 'wanted' }
}

/** Returns the order to link to when the page continues without it. */
const earlierOrder = (before: Model, after: Model, pageEvent: PageEvent): string | undefined => {
  const found = pageEvent.kind === 'orders' ? pageEvent.orders.at(0) : before.order
  const isKept = found !== undefined && found.status !== 'cancelled' && after.order === undefined
  return isKept ? found.id : after.earlier
}

/** Returns the model after an event. */
export function reduce(model: Model, pageEvent: PageEvent): Model {
  const after = dropMissing(reduceOne(model, pageEvent))
  const earlier = earlierOrder(model, after, pageEvent)
  return earlier === after.earlier ? after : { ...after, earlier }
}

const reduceOne = (model: Model, pageEvent: PageEvent): Model => {
  switch (pageEvent.kind) {
    case 'board': {
      const { saleState, opensAt, name } = pageEvent.board
      const told = { ...model, saleState, opensAt, sale: { ...model.sale, name } }
      if (model.line.kind === 'closed') return saleState === 'closed' ? told : { ...told, line: reopened(told) }
      if (model.line.kind !== 'not-open') return told
      if (saleState === 'closed') return { ...told, line: { kind: 'closed' } }
      return saleState === 'scheduled' ? told : { ...told, line: { kind: 'arriving' } }
    }
    case 'looked':
      return onLooked(model, pageEvent.status)
    case 'joined':
      return onJoined(model, pageEvent.joined)
    case 'join-rejected':
      return onJoinRejected(model, pageEvent.problem)
    case 'ticket':
      return { ...onTicket(model, pageEvent.status), rejectedInRow: 0 }
    case 'ticket-rejected':
      if (pageEvent.problem.code === 'identity-revoked' && model.order === undefined)
        return { ...restart(model), line: { kind: 'join-rejected', problem: pageEvent.problem } }
      // The line does not know this ticket (any more).
      return model.order || model.checkout.kind === 'placed'
        ? { ...model, line: { kind: 'finished' } }
        : lookAgain(model)
    case 'ask-more-time':
      return askMoreTime(model)
    case 'extended':
      return givenMoreTime(onTicket(model, pageEvent.status))
    case 'not-extended':
      return { ...model, moreTime: { kind: 'rejected', code: pageEvent.problem.code } }
    case 'catalogue':
      return onCatalogue(model, pageEvent.catalogue, pageEvent.askedAt)
    case 'remind':
      return { ...model, reminder: { kind: 'asked', email: pageEvent.email } }
    case 'reminder':
      return { ...model, reminder: pageEvent.now }
    case 'stock':
      return onStock(model, pageEvent.items, pageEvent.at)
    case 'fill':
      return model.checkout.kind === 'choosing'
        ? { ...model, checkout: { ...model.checkout, draft: pageEvent.draft } }
        : model
    case 'buy':
      return {
        ...model,
        order: undefined,
        seen: model.catalogue,
        checkout: { kind: 'placing', draft: pageEvent.draft, key: pageEvent.key, trouble: 'none' },
      }
    case 'order':
      return { ...onOrder(model, pageEvent.order, pageEvent.live), rejectedInRow: 0 }
    case 'orders':
      return onOrders(model, pageEvent.orders, pageEvent.reader)
    case 'orders-late':
      return model.search === 'wanted' ? { ...model, search: 'late' } : model
    case 'order-lost':
      return lookAgain(model)
    case 'order-rejected':
      return onOrderRejected(model, pageEvent)
    case 'pass-checked': {
      const { status, at } = pageEvent
      return status === undefined
        ? lookAgain(model)
        : onAdmissionChecked(model, (before) => onTicket(before, status), at)
    }
    case 'no-goods':
      return { ...model, tillLostSince: undefined, noGoodsSince: model.noGoodsSince ?? pageEvent.at }
    case 'link':
      return { ...model, lostSince: pageEvent.up ? undefined : (model.lostSince ?? pageEvent.at) }
    case 'till':
      return { ...model, tillLostSince: pageEvent.up ? undefined : (model.tillLostSince ?? pageEvent.at) }
    case 'woke':
      return model.line.kind === 'waiting' ? { ...model, wokeAt: pageEvent.at } : model
    case 'return-reported':
      return model.cameBack === undefined ? model : { ...model, cameBack: { ...model.cameBack, proof: undefined } }
    case 'cancel-order':
    case 'cancel-decided':
      return { ...model, cancelling: afterCancelEvent(model, pageEvent) }
    case 'choose-again':
      return { ...model, order: undefined, checkout: { kind: 'choosing', ...draftOf(model.checkout) } }
    case 'rejoin':
      return { ...restart(model), joinsByClick: false }
    case 'left':
      return { ...restart(model), line: { kind: 'left' } }
    case 'vouchers':
    case 'claim':
    case 'claimed':
    case 'not-claimed':
      return afterVoucherEvent(model, pageEvent)
    case 'handed-over':
    case 'not-handed-over':
    case 'no-shop':
    case 'stay-here':
    case 'go-to-shop':
    case 'sent':
      return { ...model, shop: afterShopEvent(model.shop, pageEvent) }
  }
}
