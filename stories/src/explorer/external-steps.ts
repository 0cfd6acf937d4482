import { nameOf } from './beginnings.ts'
import { published, queued, withOrder, withoutWork } from './change-state.ts'
import type { Parts } from './parts.ts'
import type { Step } from './search.ts'
import { type ExploredOrder, ordersOf } from './shop.ts'
import type { Faults, OrderSide, Setting, State } from './state.ts'
import { stepOf, type Way, wayOf } from './ways.ts'

/** Creates the steps outside our processes: requests, time, the bus, the provider, crashes. */
export function createExternalSteps(
  setting: Setting,
  { parts, faults }: { parts: Parts; faults: Faults },
): (state: State) => readonly Step<State>[] {
  const orders = ordersOf(setting)
  const known = new Map<string, readonly Way[]>()

  function waysOf(state: State, one: One): readonly Way[] {
    const key = `${one.index} ${parts.numberOf(one.side)}`
    const before = known.get(key)
    if (before !== undefined) return before
    const steps = ofBus(state, one, faults)
    if (setting.payments === 'till') steps.push(...ofTill(state, one))
    else steps.push(...ofTime(state, one), ...ofProvider(state, one))
    const found = steps.map((step) => ({ ...wayOf(state, step, parts), works: [] }))
    known.set(key, found)
    return found
  }

  return function externalSteps(state) {
    const steps: Step<State>[] = []
    for (const work of state.works)
      steps.push({ what: `a process dies: ${nameOf(work, orders)}`, byItself: false, to: withoutWork(state, work) })
    for (const [index, order] of orders.entries()) {
      const side = state.orders[index]
      if (side === undefined) continue
      for (const way of waysOf(state, { index, side, order })) steps.push(stepOf(state, way, parts))
    }
    return steps
  }
}

interface One {
  readonly index: number
  readonly side: OrderSide
  readonly order: ExploredOrder
}

function ofTime(state: State, { index, side, order }: One): Step<State>[] {
  if (side.row?.status !== 'pending' || side.clock === 2) return []
  const clock = side.clock === 0 ? 1 : 2
  const what =
    clock === 1 ? `${order.name} is to be charged no more without asking` : `${order.name}'s hold is over in Postgres`
  return [{ what, byItself: true, to: withOrder(state, index, { clock }) }]
}

function ofBus(state: State, { index, side, order }: One, faults: Faults): Step<State>[] {
  const steps: Step<State>[] = []
  const [event] = side.unsent
  const [payment] = side.unsentPayments
  if (event !== undefined) {
    const rest = { unsent: side.unsent.slice(1), sent: side.resends > 0 ? [...side.sent, event] : [] }
    const to = withOrder(state, index, { ...rest, ...published(side, event) })
    steps.push({ what: `the relay sends ${order.name}'s ${event}`, byItself: true, to })
    if (faults.relayForgets === true) {
      const lost = withOrder(state, index, { unsent: side.unsent.slice(1) })
      steps.push({ what: `the relay takes ${order.name}'s ${event} for sent`, byItself: true, to: lost })
    }
    if (side.resends > 0) {
      const resends = side.resends - 1
      const sent = resends > 0 ? side.sent : []
      const twice = withOrder(state, index, { ...published(side, event), resends, sent })
      steps.push({
        what: `the relay sends ${order.name}'s ${event} and dies before it notes that`,
        byItself: false,
        to: twice,
      })
    }
  }
  if (payment !== undefined) {
    const to = withOrder(state, index, {
      unsentPayments: side.unsentPayments.slice(1),
      toSaga: queued(side.toSaga, payment),
    })
    steps.push({ what: `the relay sends ${order.name}'s payment ${payment}`, byItself: true, to })
  }
  if (side.resends > 0 && side.sent.length > 0) {
    let again = side
    for (const each of side.sent) again = { ...again, ...published(again, each) }
    const { toStock, toWorker } = again
    const to = withOrder(state, index, {
      toStock,
      toWorker,
      resends: side.resends - 1,
      sent: side.resends > 1 ? side.sent : [],
    })
    steps.push({ what: `the relay sends all of ${order.name}'s events again`, byItself: false, to })
  }
  return steps
}

function ofProvider(state: State, { index, side, order }: One): Step<State>[] {
  return Object.entries(side.provider.keys).flatMap(([attempt, outcome]) => {
    if (outcome !== 'on-its-way') return []
    return (['approved', 'declined'] as const).map((word) => ({
      what: `the slow charge of ${order.name} arrives and is ${word}`,
      byItself: true,
      to: withOrder(state, index, { provider: { ...side.provider, keys: { ...side.provider.keys, [attempt]: word } } }),
    }))
  })
}

/**
 * Combines the payment worker and the provider. It covers everything that the other settings find about the two: at
 * most one success or one decline, at any time, even long after the order's end; and a refund for any request.
 */
function ofTill(state: State, { index, side, order }: One): Step<State>[] {
  const steps: Step<State>[] = []
  const { keys } = side.provider
  const pay = (word: 'approved' | 'declined') => {
    const event = word === 'approved' ? 'succeeded' : 'declined'
    const change = { provider: { ...side.provider, keys: { '1': word } }, toSaga: queued(side.toSaga, event) }
    steps.push({ what: `the till: ${order.name} is ${word}`, byItself: true, to: withOrder(state, index, change) })
  }
  if (keys['1'] === 'on-its-way') {
    pay('approved')
    pay('declined')
  }
  const [event, ...toWorker] = side.toWorker
  if (event === undefined) return steps
  const taken = (provider: OrderSide['provider'], toSaga = side.toSaga): State =>
    withOrder(state, index, { toWorker, provider, toSaga })
  const what = `the till handles ${order.name}'s ${event}`
  if (event === 'placed') {
    const isNew = keys['1'] === undefined
    steps.push({
      what,
      byItself: true,
      to: taken(isNew ? { ...side.provider, keys: { '1': 'on-its-way' } } : side.provider),
    })
  } else if (event.startsWith('cancelled')) {
    const isOpen = keys['1'] === undefined || keys['1'] === 'on-its-way'
    if (isOpen) steps.push({ what, byItself: true, to: taken({ ...side.provider, keys: { '1': 'closed' } }) })
    else
      steps.push({
        what,
        byItself: true,
        to: taken(side.provider, keys['1'] === 'approved' ? queued(side.toSaga, 'succeeded') : side.toSaga),
      })
  } else if (event.split(':').length > 2) {
    // Of a paid order: the provider may reject it.
    const [, , index = '', amount] = event.split(':')
    const parts = { ...side.provider.parts, [index]: Number(amount) }
    const saidOf = (word: string) => queued(side.toSaga, [word, '', index, amount, 0].join(':'))
    steps.push({ what, byItself: true, to: taken({ ...side.provider, parts }, saidOf('refunded')) })
    if (!(index in side.provider.parts))
      steps.push({
        what: `${what} and rejects it`,
        byItself: false,
        to: taken(side.provider, saidOf('refund-refused')),
      })
  } else {
    const isPaid = keys['1'] === 'approved'
    const toSaga = queued(side.toSaga, isPaid ? 'refunded' : 'refund-refused')
    steps.push({ what, byItself: true, to: taken({ ...side.provider, isRefunded: isPaid }, toSaga) })
  }
  return steps
}
