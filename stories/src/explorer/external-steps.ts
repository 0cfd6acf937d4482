import { nameOf } from './beginnings.ts'
import { published, queued, withOrder, withoutWork } from './change-world.ts'
import type { Parts } from './parts.ts'
import type { Step } from './search.ts'
import { type ExploredOrder, ordersOf } from './shop.ts'
import { stepOf, type Way, wayOf } from './ways.ts'
import type { Faults, OrderSide, Setting, World } from './world.ts'

/** Creates the steps outside our processes: requests, time, the bus, the provider, crashes. */
export function createExternalSteps(
  setting: Setting,
  { parts, faults }: { parts: Parts; faults: Faults },
): (world: World) => readonly Step<World>[] {
  const orders = ordersOf(setting)
  const known = new Map<string, readonly Way[]>()

  function waysOf(world: World, one: One): readonly Way[] {
    const key = `${one.index} ${parts.numberOf(one.side)}`
    const before = known.get(key)
    if (before !== undefined) return before
    const steps = ofBus(world, one, faults)
    if (setting.payments === 'till') steps.push(...ofTill(world, one))
    else steps.push(...ofTime(world, one), ...ofProvider(world, one))
    const found = steps.map((step) => ({ ...wayOf(world, step, parts), works: [] }))
    known.set(key, found)
    return found
  }

  return function externalSteps(world) {
    const steps: Step<World>[] = []
    for (const work of world.works)
      steps.push({ what: `a process dies: ${nameOf(work, orders)}`, byItself: false, to: withoutWork(world, work) })
    for (const [index, order] of orders.entries()) {
      const side = world.orders[index]
      if (side === undefined) continue
      for (const way of waysOf(world, { index, side, order })) steps.push(stepOf(world, way, parts))
    }
    return steps
  }
}

interface One {
  readonly index: number
  readonly side: OrderSide
  readonly order: ExploredOrder
}

function ofTime(world: World, { index, side, order }: One): Step<World>[] {
  if (side.row?.status !== 'pending' || side.clock === 2) return []
  const clock = side.clock === 0 ? 1 : 2
  const what =
    clock === 1 ? `${order.name} is to be charged no more without asking` : `${order.name}'s hold is over in Postgres`
  return [{ what, byItself: true, to: withOrder(world, index, { clock }) }]
}

function ofBus(world: World, { index, side, order }: One, faults: Faults): Step<World>[] {
  const steps: Step<World>[] = []
  const [event] = side.unsent
  const [payment] = side.unsentPayments
  if (event !== undefined) {
    const rest = { unsent: side.unsent.slice(1), sent: side.resends > 0 ? [...side.sent, event] : [] }
    const to = withOrder(world, index, { ...rest, ...published(side, event) })
    steps.push({ what: `the relay sends ${order.name}'s ${event}`, byItself: true, to })
    if (faults.relayForgets === true) {
      const lost = withOrder(world, index, { unsent: side.unsent.slice(1) })
      steps.push({ what: `the relay takes ${order.name}'s ${event} for sent`, byItself: true, to: lost })
    }
    if (side.resends > 0) {
      const resends = side.resends - 1
      const sent = resends > 0 ? side.sent : []
      const twice = withOrder(world, index, { ...published(side, event), resends, sent })
      steps.push({
        what: `the relay sends ${order.name}'s ${event} and dies before it notes that`,
        byItself: false,
        to: twice,
      })
    }
  }
  if (payment !== undefined) {
    const to = withOrder(world, index, {
      unsentPayments: side.unsentPayments.slice(1),
      toSaga: queued(side.toSaga, payment),
    })
    steps.push({ what: `the relay sends ${order.name}'s payment ${payment}`, byItself: true, to })
  }
  if (side.resends > 0 && side.sent.length > 0) {
    let again = side
    for (const each of side.sent) again = { ...again, ...published(again, each) }
    const { toStock, toWorker } = again
    const to = withOrder(world, index, {
      toStock,
      toWorker,
      resends: side.resends - 1,
      sent: side.resends > 1 ? side.sent : [],
    })
    steps.push({ what: `the relay sends all of ${order.name}'s events again`, byItself: false, to })
  }
  return steps
}

function ofProvider(world: World, { index, side, order }: One): Step<World>[] {
  return Object.entries(side.provider.keys).flatMap(([attempt, state]) => {
    if (state !== 'on-its-way') return []
    return (['approved', 'declined'] as const).map((word) => ({
      what: `the slow charge of ${order.name} arrives and is ${word}`,
      byItself: true,
      to: withOrder(world, index, { provider: { ...side.provider, keys: { ...side.provider.keys, [attempt]: word } } }),
    }))
  })
}

/**
 * Combines the payment worker and the provider. It covers everything that the other settings find about the two: at
 * most one success or one decline, at any time, even long after the order's end; and a refund for any request.
 */
function ofTill(world: World, { index, side, order }: One): Step<World>[] {
  const steps: Step<World>[] = []
  const { keys } = side.provider
  const pay = (word: 'approved' | 'declined') => {
    const event = word === 'approved' ? 'succeeded' : 'declined'
    const change = { provider: { ...side.provider, keys: { '1': word } }, toSaga: queued(side.toSaga, event) }
    steps.push({ what: `the till: ${order.name} is ${word}`, byItself: true, to: withOrder(world, index, change) })
  }
  if (keys['1'] === 'on-its-way') {
    pay('approved')
    pay('declined')
  }
  const [event, ...toWorker] = side.toWorker
  if (event === undefined) return steps
  const taken = (provider: OrderSide['provider'], toSaga = side.toSaga): World =>
    withOrder(world, index, { toWorker, provider, toSaga })
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
  } else {
    const isPaid = keys['1'] === 'approved'
    const toSaga = queued(side.toSaga, isPaid ? 'refunded' : 'refund-refused')
    steps.push({ what, byItself: true, to: taken({ ...side.provider, isRefunded: isPaid }, toSaga) })
  }
  return steps
}
